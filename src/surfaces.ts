import type * as vscode from 'vscode';
import type { Reach } from './core/comfyui/reach';
import type { Disk } from './core/comfyui/folder';
import type { SessionSaver } from './core/comfyui/sessionSaver';
import type { GuardRules } from './core/guard/guardRules';
import type { Web } from './core/comfyui/client';
import type { Knowledge } from './core/knowledge';
import { displaySettings } from './core/present/displaySettings';
import type { Disposable } from './core/state/emitter';
import { tellOfAdopted } from './ui/adopted';
import { Browsers } from './ui/browsers';
import { tellOfLeak } from './ui/doubts';
import { registerDimming } from './ui/dimming';
import { FolderCheck } from './ui/folderCheck';
import { tellOfGoingOn } from './ui/goesOn';
import { Notices } from './ui/notices';
import { SavingBeforeEnd } from './ui/savingBeforeEnd';
import { SessionTabs } from './ui/sessionTabs';
import { SessionTree } from './ui/sessionTree';
import type { Settings } from './ui/settings';
import { StatusItem } from './ui/statusItem';
import { Targets } from './ui/targets';
import { Texts } from './ui/texts';
import { SessionsView } from './ui/view';

export interface Surfaces extends Disposable {
  readonly view: SessionsView;
  readonly tabs: SessionTabs;
  readonly browsers: Browsers;
  readonly targets: Targets;
  readonly texts: Texts;
  /** Shows what is known now. */
  redraw(): void;
}

type Extension = Pick<vscode.ExtensionContext, 'extension' | 'extensionUri' | 'globalState'>;
interface Context {
  readonly reach: Reach;
  readonly disk: Disk;
  readonly saver: SessionSaver;
  readonly settings: Settings;
  readonly rules: () => GuardRules;
  readonly report: (error: unknown) => void;
}

/** What is seen of all that is known, and what speaks up by itself. No decision is made here. */
export function createSurfaces(extension: Extension, knowledge: Knowledge, web: Web, context: Context): Surfaces {
  const { acts, facts, logs, outputs, seat, guardian, store } = knowledge;
  const { clock } = web;
  const { reach, disk, rules, saver, settings, report } = context;
  const shown = settings.reading(displaySettings);
  const tree = new SessionTree(facts, outputs, shown);
  const view = new SessionsView(tree, facts, shown, outputs);
  const browsers = new Browsers(extension, settings, clock, reach);
  const tabs = new SessionTabs({ extensionUri: extension.extensionUri, facts, logs, browsers, web });
  const saving = new SavingBeforeEnd({ facts, seat, saver, disk, settings, rules, clock, report });
  const folderCheck = new FolderCheck({ facts, seat, disk, settings, report });
  const texts = new Texts();
  const drawn = [tree, view, new StatusItem(facts, shown), tabs, saving, folderCheck];
  const owned = [
    ...[...drawn, texts, registerDimming()],
    guardian.onDidAnnounce(new Notices({ acts, guardian, facts, report }).tell),
    store.onDidEnd(tabs.ended),
    store.onDidLeak((id) => void tellOfLeak(facts, settings, id).catch(report)),
    store.onDidAdopt((id) => void tellOfAdopted(facts, id).catch(report)),
    store.onDidGiveUp((id) => void tellOfGoingOn(facts, id).catch(report)),
  ];
  return {
    view,
    tabs,
    browsers,
    texts,
    targets: new Targets({ facts, activeTab: tabs.active }),
    redraw: () => drawn.forEach((one) => one.redraw()),
    dispose: () => owned.forEach((one) => one.dispose()),
  };
}
