import type * as vscode from 'vscode';
import type { Reach } from './comfyui/reach';
import type { OutputsFolder } from './outputs/ui/outputsFolder';
import type { SessionSaver } from './outputs/sessionSaver';
import type { GuardSettings } from './guardian/guardSettings';
import type { Web } from './comfyui/client';
import type { App } from './app';
import type { AppState } from './appState';
import type { OtherAccount } from './sidebar/accounts';
import { Arranged } from './sidebar/arrangement';
import { displaySettings, type DisplaySettings } from './sidebar/displaySettings';
import { together, type Disposable } from './platform/emitter';
import { Browsers } from './page/ui/browsers';
import { announceLeak } from './sessions/ui/doubts';
import { KeptRows } from './sidebar/keptRows';
import type { LateTree } from './sidebar/ui/lateTree';
import { FolderCheck } from './outputs/ui/folderCheck';
import { announceAdopted, announceGoingOn } from './sessions/ui/goesOn';
import { SavedMarks } from './outputs/ui/savedMarks';
import { SavingAsTheyFinish } from './outputs/ui/savingAsTheyFinish';
import { Notices } from './guardian/ui/notices';
import { SavingBeforeEnd } from './guardian/ui/savingBeforeEnd';
import { SessionTabs } from './page/ui/sessionTabs';
import { SessionTree } from './sidebar/ui/sessionTree';
import type { Settings } from './platform/ui/settings';
import { StatusItem } from './sidebar/ui/statusItem';
import { Targets } from './sidebar/ui/targets';
import { Texts } from './platform/ui/texts';
import { SessionsView } from './sidebar/ui/view';

export interface Surfaces extends Disposable {
  readonly view: SessionsView;
  readonly tabs: SessionTabs;
  readonly browsers: Browsers;
  readonly targets: Targets;
  readonly texts: Texts;
  readonly arranged: Arranged;
  /** The recent outputs of a session, with marks for saved ones. */
  readonly recentOf: SavedMarks['of'];
  /** Shows what is known now. */
  redraw(): void;
}

export type WatchContext = Pick<Context, 'saver' | 'outputsFolder' | 'guardSettings' | 'settings' | 'report'> & {
  readonly tabs: Pick<SessionTabs, 'isInView'>;
};

type Extension = Pick<vscode.ExtensionContext, 'extension' | 'extensionUri' | 'globalState'>;
interface Context {
  readonly reach: Reach;
  readonly outputsFolder: OutputsFolder;
  readonly saver: SessionSaver;
  readonly settings: Settings;
  readonly guardSettings: () => GuardSettings;
  readonly report: (error: unknown) => void;
  readonly lateTree: LateTree;
  /** The accounts that are not in use. */
  readonly others: () => readonly OtherAccount<AppState>[];
  /** A read-only text has changed. */
  readonly textChanged: (uri: vscode.Uri) => void;
}

interface RowsContext extends Pick<Context, 'lateTree' | 'others'> {
  readonly marks: SavedMarks['of'];
  readonly shown: () => DisplaySettings;
}

/** The tree and the view around it. */
function createRows({ globalState }: Extension, { appState, outputs }: App, context: RowsContext) {
  const { marks, shown, lateTree, others } = context;
  const arranged = new Arranged(globalState, () => [tree, view].forEach((one) => one.redraw()));
  const settings = () => ({ ...arranged.current, showUnavailable: shown().showUnavailable });
  const tree: SessionTree = new SessionTree(appState, { of: marks, sizeOf: outputs.sizeOf }, settings, others);
  const view = new SessionsView(lateTree, tree, appState, settings, outputs, others);
  return { arranged, tree, view };
}

/** Announces what happens to the sessions of an account, and saves their outputs. */
export function createWatch(app: App, { clock }: Pick<Web, 'clock'>, context: WatchContext): Watch {
  const { acts, appState, guardian, store } = app;
  const { leadership, editors } = app.windows;
  const { saver, outputsFolder, guardSettings, settings, tabs, report } = context;
  const saves = { appState, leadership, saver, outputsFolder, guardSettings, clock, report };
  const saving = [new SavingBeforeEnd(saves), new SavingAsTheyFinish(saves)];
  const notices = new Notices({ acts, guardian, appState, editors, tabs, report });
  const drawn = [...saving, notices];
  const owned = [
    ...drawn,
    saver.onDidSave(() => saving.forEach((one) => one.redraw())),
    guardian.onDidAnnounce(notices.announce),
    store.onDidEnd(notices.ended),
    store.onDidLeak((id) => void announceLeak(appState, settings, id).catch(report)),
    store.onDidAdopt((id) => void announceAdopted(appState, id).catch(report)),
    store.onDidGiveUp((id) => void announceGoingOn(appState, id).catch(report)),
  ];
  return { redraw: () => drawn.forEach((one) => one.redraw()), ...together(owned) };
}

interface Watch extends Disposable {
  redraw(): void;
}

/** Creates everything that is shown. No decision is made here. */
export function createSurfaces(extension: Extension, app: App, web: Web, context: Context): Surfaces {
  const { appState, logs, outputs, store } = app;
  const [{ clock }, { leadership }] = [web, app.windows];
  const { extensionUri } = extension;
  const { reach, outputsFolder, guardSettings, saver, settings, report, lateTree, others } = context;
  const shown = settings.reading(displaySettings);
  const marks = new SavedMarks({ appState, outputs, saver, outputsFolder, clock, changed: () => tree.redraw() });
  const { arranged, tree, view } = createRows(extension, app, { marks: marks.of, shown, lateTree, others });
  const browsers = new Browsers(extension, settings, clock, reach);
  const tabs = new SessionTabs({ extensionUri, appState, logs, browsers, web, savedOf: saver.savedOf });
  const folderCheck = new FolderCheck({ appState, leadership, outputsFolder, report });
  const texts = new Texts(context.textChanged);
  const kept = new KeptRows({
    memory: extension.globalState,
    appState,
    rows: () => tree.rows(),
    isOthers: () => leadership.isTaken,
    clock,
  });
  const watch = createWatch(app, web, { saver, outputsFolder, guardSettings, settings, tabs, report });
  const drawn = [tree, view, new StatusItem(appState, shown, others), tabs, marks, folderCheck, watch];
  const owned = [...drawn, store.onDidEnd(tabs.ended)];
  return {
    view,
    tabs,
    browsers,
    texts,
    arranged,
    recentOf: marks.of,
    targets: new Targets({ appState, activeTab: tabs.active, selection: view.selection }),
    redraw: () => [...drawn, kept].forEach((one) => one.redraw()),
    ...together(owned),
  };
}
