import * as vscode from 'vscode';
import { Reach } from './comfyui/reach';
import { SessionSaver, type SessionSaverOptions } from './outputs/sessionSaver';
import { guardRules, warnAtFrom } from './guardian/guardRules';
import type { Files } from './platform/journal';
import { createApp } from './app';
import { ceilingsFrom } from './spending/ceilings';
import { systemClock, type Clock } from './platform/clock';
import { handlersOf } from './commands';
import { createTimers } from './timers';
import { environmentKey } from './platform/node/environment';
import { beginningOf } from './platform/node/fileBeginning';
import { filesIn } from './platform/node/journalFile';
import { disk } from './platform/node/outputFolder';
import { sockets } from './platform/node/sockets';
import { translationsIn } from './platform/node/translations';
import { wayOnFromKey } from './accounts/ui/ways';
import { registerCommands } from './platform/ui/commands';
import { CreateFlow } from './sidebar/ui/createCommands';
import { wayOnFromCredit } from './spending/ui/creditWay';
import { hideAddresses } from './sessions/addresses';
import { redactingLog } from './platform/ui/log';
import { presenceOf } from './sidebar/ui/presence';
import { createReport } from './platform/ui/report';
import { wayOnFromStart } from './sessions/ui/ways';
import { Settings } from './platform/ui/settings';
import { useTranslations, type TextsOf } from './platform/ui/translations';
import { TokenVault } from './accounts/ui/tokenVault';
import { createSurfaces } from './surfaces';
import { createWorkflows } from './workflows';

/** What tests have instead of the real ones. */
interface Surroundings {
  readonly clock: Clock;
  readonly files: Files;
  readonly textsOf: TextsOf;
}

const surroundings = ({ globalStorageUri }: vscode.ExtensionContext): Surroundings => ({
  clock: systemClock,
  files: filesIn(globalStorageUri.fsPath),
  textsOf: (language) => translationsIn(__dirname, language),
});

/** Who exists, and who talks to whom. No decision is made here. VS Code gives the context only. */
export function activate(context: vscode.ExtensionContext, { clock, files, textsOf } = surroundings(context)): void {
  useTranslations(textsOf);
  const { secrets, subscriptions, globalState: memory, workspaceState: workspaceMemory } = context;
  const channel = vscode.window.createOutputChannel('ComfyDeploy', { log: true });
  const log = redactingLog(channel);
  const settings = new Settings();
  const { apiUrl: baseUrl } = settings;
  const rules = settings.reading(guardRules);
  const wishes = settings.reading((from) => ({ warnAt: warnAtFrom(from), ceilings: ceilingsFrom(from) }));
  const report = createReport(log, [wayOnFromStart, wayOnFromKey, wayOnFromCredit(settings)]);
  const keys = new TokenVault(secrets, baseUrl, environmentKey(), clock);
  const reach = new Reach(baseUrl);
  const fetch = reach.guard(globalThis.fetch);
  const { random } = Math;
  const web = { fetch, random, clock, log };

  const presence = () => presenceOf(view, tabs, saver);
  const app = createApp({ keys, baseUrl, files, memory, wishes, rules, presence, fetch, random, clock, log });
  const { acts, facts, logs, reasons, money, store, life } = app;
  const canvasOf: SessionSaverOptions['canvasOf'] = (id, signal) => tabs.graphOf(id, signal);
  const saver = new SessionSaver({ disk, facts, canvasOf, fetch, random, clock, log });
  const surfaces = createSurfaces(context, app, web, { reach, disk, saver, settings, rules, report });
  const { view, tabs, browsers } = surfaces;
  const creating = new CreateFlow({ facts, store, acts, money, logs, reasons, clock, memory, tabs, browsers });
  const carriers = { sockets: reach.guardSockets(sockets), beginningOf, workspaceMemory, creating, report };
  const workflows = createWorkflows(web, app, surfaces, carriers);
  const timers = createTimers(
    app,
    { drawn: [surfaces, workflows], during: view.whileLoading },
    { failed: report, clock },
  );
  const flows = { saver, creating, workflows, rounds: timers.rounds };
  const hosts = { disk, clock, settings, rules, keys, channel, subscriptions, report };

  const startOver = () => [life.reset(), timers.rounds.start()];
  subscriptions.push(
    ...[channel, settings, life, surfaces, workflows, timers],
    registerCommands(handlersOf(app, surfaces, flows, hosts), report),
    store.onDidChange((snapshot) => hideAddresses(log, snapshot)),
    keys.onDidChange(startOver),
    settings.onDidChange(timers.wake),
    settings.onDidChangeServer(startOver),
    view.onDidLook(() => [timers.rounds.look(), timers.wake()]),
    view.onDidLookAway(timers.rounds.lookAway),
  );
  timers.rounds.start();
}
