import * as vscode from 'vscode';
import { SessionSaver } from './core/comfyui/sessionSaver';
import type { Files } from './core/guard/journal';
import { createKnowledge } from './core/knowledge';
import { untilNextRedraw } from './core/present/untilNextText';
import { systemClock, type Clock } from './core/state/clock';
import { Poller } from './core/state/poller';
import { Rounds } from './core/state/round';
import { createGuardian } from './guardian';
import { environmentKey } from './host/environment';
import { filesIn } from './host/journalFile';
import { disk } from './host/outputFolder';
import { sockets } from './host/sockets';
import { accountCommands } from './ui/accountCommands';
import { tellOfAdopted } from './ui/adopted';
import { Browsers } from './ui/browsers';
import { registerCommands } from './ui/commands';
import { createCommands, CreateFlow } from './ui/createCommands';
import { registerDimming } from './ui/dimming';
import { guardCommands } from './ui/guardCommands';
import { historyCommands } from './ui/history';
import { redactingLog } from './ui/log';
import { Notices } from './ui/notices';
import { presenceOf } from './ui/presence';
import { createReport } from './ui/report';
import { SavingBeforeEnd } from './ui/savingBeforeEnd';
import { sessionCommands } from './ui/sessionCommands';
import { SessionTabs } from './ui/sessionTabs';
import { SessionTree } from './ui/sessionTree';
import { Settings } from './ui/settings';
import { StatusItem } from './ui/statusItem';
import { Targets } from './ui/targets';
import { Texts } from './ui/texts';
import { TokenVault } from './ui/tokenVault';
import { SessionsView } from './ui/view';
import { createWorkflows } from './workflows';

/** Who exists, and who talks to whom. No decision is made here. VS Code gives the context only. */
export function activate(
  context: vscode.ExtensionContext,
  clock: Clock = systemClock,
  files: Files = filesIn(context.globalStorageUri.fsPath),
): void {
  const { extensionUri, secrets, subscriptions, globalState: memory } = context;
  const channel = vscode.window.createOutputChannel('ComfyDeploy', { log: true });
  const log = redactingLog(channel);
  const settings = new Settings();
  const { apiUrl: baseUrl, wishes, rules } = settings;
  const report = createReport(log, settings);
  const vault = new TokenVault(secrets, baseUrl, environmentKey());
  const presence = () => presenceOf(view, tabs, saving.saver);
  const world = { fetch, random: Math.random, clock, files, memory, log };
  const knowledge = createKnowledge({ keys: vault, baseUrl, wishes, rules, presence, ...world });
  const { store, seat, guardian, facts, logs, outputs } = knowledge;

  const tree = new SessionTree(facts, outputs.sizeOf);
  const view = new SessionsView(tree, facts, outputs);
  const browsers = new Browsers(context, settings, clock);
  const tabs = new SessionTabs({ extensionUri, facts, logs, browsers, web: { fetch, clock } });
  const saving = { saver: new SessionSaver({ ...world, disk, facts }), disk, settings, report };
  const [targets, texts] = [new Targets({ facts, selected: view.selected, activeTab: tabs.active }), new Texts()];
  const shared = { ...knowledge, ...saving, rules, targets, tabs, texts, browsers, clock, vault, subscriptions };
  const creating = new CreateFlow({ ...shared, memory });
  const workflows = createWorkflows({ ...shared, ...world, sockets, create: () => creating.ask() });
  const saves = new SavingBeforeEnd({ ...knowledge, ...saving });
  const surfaces = [tree, view, new StatusItem(facts), tabs, saves, workflows];
  const redraw = () => Promise.resolve(surfaces.forEach((surface) => surface.redraw()));
  const ticker = new Poller({ task: redraw, rest: () => untilNextRedraw(facts()), failed: report, clock });
  const rounds = new Rounds({ ...knowledge, clock, failed: report, during: (round) => view.whileLoading(round) });
  const guarding = createGuardian(knowledge, { clock, failed: report });
  const startOver = () => {
    knowledge.reset();
    rounds.start();
  };

  subscriptions.push(
    ...[channel, knowledge, ...surfaces, texts, ticker, rounds, guarding, registerDimming()],
    ...[knowledge, outputs, seat].map((source) => source.onDidChange(() => ticker.wake())),
    guardian.onDidAnnounce(new Notices({ guardian, facts, report }).tell),
    store.onDidEnd(tabs.ended),
    store.onDidAdopt((id) => void tellOfAdopted(facts, id).catch(report)),
    vault.onDidChange(startOver),
    settings.onDidChange(() => [ticker, guarding].forEach((one) => one.wake())),
    settings.onDidChangeServer(startOver),
    view.onDidLook(() => [rounds.look(), ticker.wake(), guarding.wake()]),
    view.onDidLookAway(rounds.lookAway),
    registerCommands(
      {
        ...accountCommands({ ...shared, rounds, channel }),
        ...sessionCommands(shared),
        ...guardCommands(shared),
        ...createCommands(creating, targets),
        ...workflows.handlers,
        ...historyCommands(shared),
      },
      report,
    ),
  );
  rounds.start();
}
