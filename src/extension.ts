import * as vscode from 'vscode';
import { Reach } from './comfyui/reach';
import { SessionSaver, type SessionSaverOptions } from './outputs/sessionSaver';
import { guardRules, warnAtFrom } from './guardian/guardRules';
import type { Files } from './platform/journal';
import { createKnowledge } from './knowledge';
import { ceilingsFrom } from './spending/ceilings';
import { untilNextRedraw } from './sidebar/untilNextText';
import { systemClock, type Clock } from './platform/clock';
import { Poller } from './platform/poller';
import { Rounds } from './windows/round';
import { handlersOf } from './commands';
import { createGuardian } from './guardian';
import { environmentKey } from './platform/node/environment';
import { beginningOf } from './platform/node/fileBeginning';
import { filesIn } from './platform/node/journalFile';
import { disk } from './platform/node/outputFolder';
import { sockets } from './platform/node/sockets';
import { wayOnFromKey } from './accounts/ui/ways';
import { registerCommands } from './platform/ui/commands';
import { CreateFlow } from './sidebar/ui/createCommands';
import { wayOnFromCredit } from './spending/ui/creditWay';
import { hideAddresses } from './sessions/addresses';
import { redactingLog } from './platform/ui/log';
import { presenceOf } from './sidebar/ui/presence';
import { createReport } from './platform/ui/report';
import { ServerChange } from './sidebar/ui/serverChange';
import { wayOnFromStart } from './sessions/ui/ways';
import { Settings } from './platform/ui/settings';
import { useTranslations } from './platform/ui/translations';
import { TokenVault } from './accounts/ui/tokenVault';
import { createSurfaces } from './surfaces';
import { createWorkflows } from './workflows';

/** Who exists, and who talks to whom. No decision is made here. VS Code gives the context only. */
export function activate(
  context: vscode.ExtensionContext,
  clock: Clock = systemClock,
  files: Files = filesIn(context.globalStorageUri.fsPath),
): void {
  useTranslations();
  const { secrets, subscriptions, globalState: memory, workspaceState: workspaceMemory } = context;
  const channel = vscode.window.createOutputChannel('ComfyDeploy', { log: true });
  const log = redactingLog(channel);
  const settings = new Settings();
  const { apiUrl: baseUrl } = settings;
  const rules = settings.reading(guardRules);
  const wishes = settings.reading((from) => ({ warnAt: warnAtFrom(from), ceilings: ceilingsFrom(from) }));
  const report = createReport(log, [wayOnFromStart, wayOnFromKey, wayOnFromCredit(settings)]);
  const vault = new TokenVault(secrets, baseUrl, environmentKey(), clock);
  const reach = new Reach(baseUrl);
  const web = { fetch: reach.guard(fetch), random: Math.random, clock, log };
  const presence = () => presenceOf(view, tabs, saver);
  const knowledge = createKnowledge({ keys: vault, baseUrl, wishes, rules, presence, files, memory, ...web });
  const { acts, facts, logs, money, outputs, prices, seat, sharing, store } = knowledge;
  const canvasOf: SessionSaverOptions['canvasOf'] = (id, signal) => tabs.graphOf(id, signal);
  const saver = new SessionSaver({ disk, facts, canvasOf, ...web });
  const surfaces = createSurfaces(context, knowledge, web, { reach, disk, saver, settings, rules, report });
  const { view, tabs, browsers } = surfaces;

  const creating = new CreateFlow({ facts, store, acts, prices, money, logs, clock, memory, tabs, browsers });
  const create = () => creating.ask();
  const carriers = { sockets: reach.guardSockets(sockets), beginningOf, workspaceMemory, create, report };
  const workflows = createWorkflows(web, knowledge, surfaces, carriers);
  const redraw = () => Promise.resolve([surfaces, workflows].forEach((one) => one.redraw()));
  const ticker = new Poller({ task: redraw, rest: () => untilNextRedraw(facts()), failed: report, clock });
  const during = (round: () => Promise<void>) => view.whileLoading(round);
  const rounds = new Rounds({ store, money, seat, sharing, clock, failed: report, during });
  const guarding = createGuardian(knowledge, { clock, failed: report });
  const flows = { saver, creating, workflows, rounds };
  const hosts = { disk, clock, settings, rules, vault, channel, subscriptions, report };
  const handlers = handlersOf(knowledge, surfaces, flows, hosts);
  const serverChange = new ServerChange({ facts, settings, report });
  const startOver = () => {
    knowledge.reset();
    rounds.start();
  };

  subscriptions.push(
    ...[channel, settings, knowledge, surfaces, workflows, ticker, rounds, guarding],
    ...[knowledge, outputs, seat].map((source) => source.onDidChange(() => ticker.wake())),
    store.onDidChange((snapshot) => hideAddresses(log, snapshot)),
    vault.onDidChange(startOver),
    settings.onDidChange(() => [ticker, guarding].forEach((one) => one.wake())),
    settings.onDidChangeServer(() => [serverChange.notice(), startOver()]),
    view.onDidLook(() => [rounds.look(), ticker.wake(), guarding.wake()]),
    view.onDidLookAway(rounds.lookAway),
    registerCommands(handlers, report),
  );
  rounds.start();
}
