import type * as vscode from 'vscode';
import { Reach } from './comfyui/reach';
import { OutputsFolder } from './outputs/ui/outputsFolder';
import { SessionSaver, type SessionSaverOptions } from './outputs/sessionSaver';
import { guardSettingsFrom, warnAtFrom } from './guardian/guardSettings';
import type { Files, Journal } from './platform/journal';
import type { Disposable } from './platform/emitter';
import { once } from './platform/once';
import { patientFiles } from './platform/patience';
import type { GalleryView } from './gallery/ui/lateGallery';
import type { PictureEditor } from './picture/ui/latePictures';
import { createApp } from './app';
import { spendingLimitsFrom } from './spending/spendingLimits';
import type { Clock } from './platform/clock';
import { handlersOf } from './commands';
import { createHandOff, type HandOff } from './handOff';
import { createTimers, type Timers } from './timers';
import { commonFiles, commonPlace } from './platform/node/commonFiles';
import { environmentKey } from './platform/node/environment';
import { beginningOf, readingFile, writtenAt } from './platform/node/fileReading';
import { filesIn } from './platform/node/journalFile';
import { disk } from './platform/node/outputFolder';
import { sockets } from './platform/node/sockets';
import { carriedOutBy, type RunCommand } from './platform/ui/commands';
import type { LateTexts } from './platform/ui/lateTexts';
import { CreateFlow } from './sidebar/ui/createCommands';
import { hideAddresses } from './sessions/snapshot';
import { logChannel, redactingLog } from './platform/ui/log';
import { presenceOf } from './sidebar/ui/presence';
import { createReport } from './platform/ui/report';
import { wayOnFromCredit, wayOnFromKey, wayOnFromStart } from './sidebar/ui/ways';
import { Settings } from './platform/ui/settings';
import { useTranslations, type TextsOf } from './platform/ui/translations';
import { TokenVault } from './accounts/ui/tokenVault';
import type { LateOutputs } from './outputs/ui/lateOutputs';
import type { LateTree } from './sidebar/ui/lateTree';
import type { LateLibrary } from './library/ui/lateLibrary';
import { createLibrary } from './library';
import { createAccounts } from './accountRoutes';
import { OtherAccounts } from './otherAccounts';
import type { LateAccounts, SigningIn } from './sidebar/ui/lateAccounts';
import { createSurfaces, type Surfaces } from './surfaces';
import { createWorkflows } from './workflows';

const fileParts = { beginningOf, readingFile, writtenAt };

/** What tests replace. */
export interface Surroundings {
  readonly clock: Clock;
  /** Files that all windows share; by default the extension's own folder. */
  readonly files?: Files;
  /** Files that all editors share; by default a folder of the user's, or `files` where that is given. */
  readonly common?: Promise<Files>;
  readonly textsOf: TextsOf;
}

/** What was registered before the house was read, and passes on what the house has. */
export interface Porch {
  readonly tree: LateTree;
  readonly library: LateLibrary;
  readonly texts: Pick<LateTexts, 'notify'>;
  readonly outputs: Pick<LateOutputs, 'notify'>;
  readonly accounts: Pick<LateAccounts, 'show'>;
}

/** What VS Code asks the porch for. */
export interface House extends HandOff, SigningIn {
  readonly carryOut: RunCommand;
  readonly tabs: vscode.WebviewPanelSerializer;
  readonly pictures: PictureEditor;
  readonly gallery: GalleryView;
  readonly texts: { readonly textOf: (uri: vscode.Uri) => string };
  readonly outputFiles: vscode.FileSystemProvider;
}

/** What everything else needs of VS Code and the network. */
function groundOf({ secrets, globalStorageUri }: vscode.ExtensionContext, around: Surroundings) {
  const storage = globalStorageUri.fsPath;
  const { clock, files = filesIn(storage) } = around;
  const common = around.common ?? (around.files ? undefined : commonFiles(files));
  useTranslations(around.textsOf);
  const channel = logChannel();
  const log = redactingLog(channel);
  const settings = new Settings();
  const { apiUrl: baseUrl } = settings;
  const guardSettings = settings.reading(guardSettingsFrom);
  const display = settings.reading((from) => ({ warnAt: warnAtFrom(from), spendingLimits: spendingLimitsFrom(from) }));
  const report = createReport(log, [wayOnFromStart, wayOnFromKey, wayOnFromCredit(settings)]);
  const keys = new TokenVault(secrets, baseUrl, environmentKey(), clock, alone(patientFiles(files, clock)('keys')));
  const reach = new Reach(baseUrl);
  const web = { fetch: reach.guard(globalThis.fetch), random: Math.random, clock, log };
  const folders = foldersOf(storage, common);
  return { channel, settings, baseUrl, guardSettings, display, report, keys, reach, web, files, common, folders };
}

/** Runs while no other window does, or anyway on a disk that fails. */
function alone(journal: Pick<Journal, 'exclusively'>) {
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = once(work);
    return journal.exclusively(done).catch(done);
  };
}

/** Where the extension keeps its files: its own folder, and the one that editors share. */
function foldersOf(own: string, common: Promise<Files> | undefined): readonly string[] {
  return common ? [own, commonPlace()] : [own];
}

/** Until this is done, and where it cannot be written, both settings count. */
function carryOver(settings: Settings): void {
  void settings
    .carryOver('saveBeforeEnd', 'saveOutputs', (isOn) => (isOn === true ? 'atEnd' : undefined))
    .catch(() => undefined);
}

interface Attended {
  readonly keys: TokenVault;
  readonly settings: Settings;
  readonly view: Surfaces['view'];
}

/** Guards all accounts, and looks at all of them when the user does. */
function attend(timers: Timers, others: OtherAccounts, { keys, settings, view }: Attended): readonly Disposable[] {
  const all = () => [timers, ...others.all()];
  const follow = () => void others.follow();
  follow();
  carryOver(settings);
  return [
    others,
    keys.onDidChange(follow, true),
    settings.onDidChangeServer(follow),
    settings.onDidChange(() => all().forEach(({ wake }) => wake())),
    view.onDidLook(() => all().forEach(({ rounds, wake }) => [rounds.look(), wake()])),
    view.onDidLookAway(() => all().forEach(({ rounds }) => rounds.lookAway())),
  ];
}

/** Creates all parts and connects them. No decision is made here. */
export function openHouse(context: vscode.ExtensionContext, around: Surroundings, porch: Porch): House {
  const { subscriptions, globalState: memory, workspaceState: workspaceMemory } = context;
  const ground = groundOf(context, around);
  const { channel, settings, baseUrl, guardSettings, display, report, keys, reach, web, files, common } = ground;
  const { clock } = web;

  const presence = () => presenceOf(view, tabs, saver);
  const ports = { files, common, memory, display, guardSettings, presence, ...web };
  const app = createApp({ keys, baseUrl, ...ports });
  const { acts, appState, logs, reasons, money, store, life } = app;
  const canvasOf: SessionSaverOptions['canvasOf'] = (id, signal) => tabs.graphOf(id, signal);
  const outputsFolder = new OutputsFolder(settings, disk);
  const saver = new SessionSaver({ disk, appState, canvasOf, ...web });
  const watch = { outputsFolder, guardSettings, settings, report };
  const saving = { disk, canvasOf };
  const late = () => ({ tabs, redraw: accounts.redraw });
  const others = new OtherAccounts({ vault: keys, reach, ports, saving, watch, host: context, shown: late });
  const shown = { lateTree: porch.tree, textChanged: porch.texts.notify, saver, others: others.all };
  const surfaces = createSurfaces(context, app, web, { reach, ...watch, ...shown });
  const { view, tabs, browsers, texts } = surfaces;
  const creating = new CreateFlow({ appState, store, acts, money, logs, reasons, clock, memory, tabs, browsers });
  const known = { ...fileParts, workspaceMemory, memory, guardSettings, settings, outputsFolder, saver };
  const carriers = { sockets: reach.guardSockets(sockets), ...known, creating, report };
  const workflows = createWorkflows(web, app, surfaces, carriers);
  const library = createLibrary(web, app, surfaces, { lateLibrary: porch.library, workflows, settings });
  const accounts = createAccounts(app, others, { settings, report, clock, memory, vault: keys, porch, surfaces });
  const drawn = [accounts, workflows, library];
  const timers = createTimers(app, { drawn, during: view.whileLoading }, { failed: report, clock });
  const ending = { ...app, guardSettings, saver, outputsFolder, tabs, clock, report };
  const flows = { ending, creating, workflows, library, rounds: timers.rounds };
  const doctoring = { sockets: carriers.sockets, web, disk, outputsFolder, storage: ground.folders };
  const hosts = { extension: context.extension, subscriptions, clock, settings, guardSettings, keys, channel };
  const handlers = handlersOf(app, surfaces, flows, { ...hosts, doctoring, accounts });
  const carryOut = carriedOutBy(accounts.routed(handlers), report);
  const handOff = createHandOff(app, surfaces, flows, { web, workspaceMemory, settings, report });

  const startOver = () => [porch.tree.settle(), life.reset(), library.reset(), timers.rounds.start()];
  subscriptions.push(
    ...[channel, settings, life, surfaces, workflows, library, timers],
    workflows.providers.outputFiles.onDidChangeFile(porch.outputs.notify),
    store.onDidChange((snapshot) => hideAddresses(web.log, snapshot)),
    ...[keys.onDidChange(startOver), settings.onDidChangeServer(startOver)],
    ...attend(timers, others, { keys, settings, view }),
  );
  timers.rounds.start();
  return { carryOut, ...accounts.signingIn(handlers), tabs, texts, ...workflows.providers, ...handOff };
}
