import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { OutputsFolder } from '../../outputs/ui/outputsFolder';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import type { Recent } from '../../outputs/sessionOutputs';
import { folderNameOf, type SessionSaver } from '../../outputs/sessionSaver';
import { hasOutputs } from '../../outputs/recentOutputs';
import { SessionId } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import { together, type Disposable } from '../../platform/emitter';
import type { Memory } from '../../platform/memory';
import { plainName } from '../../platform/plainText';
import { RequestRounds } from '../../platform/requestRounds';
import { SECOND } from '../../platform/units';
import { webviewPanel } from '../../platform/ui/shown';
import { ownSessions, type Snapshot } from '../../sessions/snapshot';
import { galleryDocument } from '../galleryDocument';
import type { Listed, ToPage } from '../item';
import { actOn, type ActingContext } from './acting';
import { factsOf, sizeOf } from './fileFacts';
import { GALLERY_TAB } from './lateGallery';
import { addressIn, liveOutputs, savedOutput, type Output } from './outputs';
import { MOST_SAVED, savedIn, type SavedFilesContext } from './savedFiles';
import { SavedHere } from './savedHere';
import { starsIn } from './stars';

export interface GalleryContext extends ActingContext, SavedFilesContext {
  readonly appState: () => { readonly snapshot: Snapshot; readonly now: number };
  readonly outputs: Pick<RecentOutputs, 'show' | 'onDidChange'>;
  readonly recentOf: (id: SessionId) => Recent;
  readonly saver: Pick<SessionSaver, 'onDidSave'>;
  readonly outputsFolder: Pick<OutputsFolder, 'known'>;
  readonly workspaceMemory: Memory;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** A tab, or the view. */
type Place = Pick<vscode.WebviewPanel, 'webview' | 'visible' | 'onDidDispose'>;

const FromPage = z.lazy(() => z.object({ act: z.string(), ids: z.array(z.string()) }));
const Row = z.lazy(() => z.object({ sessionId: SessionId }));
const NOTHING = { root: undefined, outputs: new Map<string, Output>() };

/** What is in the folder, as it was at one time. */
interface Saved {
  readonly version: number;
  readonly root: vscode.Uri | undefined;
  readonly outputs: readonly Output[];
}

/** Outputs of running sessions and those that were saved, as a grid of pictures. Nothing is read until it is visible. */
export class Gallery implements Disposable {
  #panel: vscode.WebviewPanel | undefined;
  /** And how the user's keys get there. */
  readonly #places = new Map<Place, () => void>();
  #known: { readonly root: vscode.Uri | undefined; readonly outputs: ReadonlyMap<string, Output> } = NOTHING;
  readonly #rounds: RequestRounds;
  /** Grows with every change of the folder. */
  #version = 0;
  #saved: Saved | undefined;
  readonly #savedHere: SavedHere;
  /** What a page has been told of the folder. */
  readonly #told = new WeakMap<vscode.Webview, Saved>();
  #watching: { readonly root: string; readonly watcher: Disposable } | undefined;
  #next: Disposable | undefined;
  /** Whose outputs the tab shows next. */
  #asked: SessionId | undefined;
  readonly #listening: Disposable;

  constructor(private readonly context: GalleryContext) {
    const { outputs, saver, clock, workspaceMemory } = context;
    this.#savedHere = new SavedHere(workspaceMemory);
    this.#rounds = new RequestRounds({ run: (_, signal) => this.#read(signal), clock });
    this.#listening = together([outputs.onDidChange(this.#postSoon), saver.onDidSave(this.#changed)]);
  }

  /** A tab of before the window was loaded again. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#show(panel, panel.title);
    return Promise.resolve();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    view.onDidChangeVisibility(() => this.#showLive());
    this.#fill(view, l10n.t('ComfyDeploy Outputs'), () => view.show());
  }

  /** @param target the row of a session, or nothing for all. */
  readonly show = (target: unknown): Promise<void> => {
    this.#asked = Row.safeParse(target).data?.sessionId;
    if (this.#panel) {
      this.#panel.reveal();
      this.#postSoon();
    } else {
      const title = l10n.t('ComfyDeploy Outputs');
      this.#show(webviewPanel(GALLERY_TAB, title, vscode.ViewColumn.Active, {}), title);
    }
    return Promise.resolve();
  };

  dispose(): void {
    this.#listening.dispose();
    this.#rounds.dispose();
    this.#watching?.watcher.dispose();
    this.#next?.dispose();
    this.#panel?.dispose();
  }

  #show(panel: vscode.WebviewPanel, title: string): void {
    this.#panel = panel;
    panel.onDidDispose(() => (this.#panel = undefined));
    panel.onDidChangeViewState(() => this.#showLive());
    this.#fill(panel, title, () => panel.reveal());
  }

  #fill(place: Place, title: string, focus: () => void): void {
    const { webview } = place;
    this.#places.set(place, focus);
    place.onDidDispose(() => {
      this.#places.delete(place);
      this.#showLive();
    });
    webview.options = optionsFor(this.#root());
    webview.onDidReceiveMessage((message: unknown) => void this.#hear(place, message).catch(this.context.report));
    const shell = { title, language: vscode.env.language, nonce: crypto.randomUUID(), media: webview.cspSource };
    webview.html = galleryDocument(shell);
  }

  /** Undefined if there is none, or the setting is no folder, which is reported when saving. */
  #root(): vscode.Uri | undefined {
    try {
      const path = this.context.outputsFolder.known();
      return path === undefined ? undefined : vscode.Uri.file(path);
    } catch {
      return undefined;
    }
  }

  async #hear(place: Place, message: unknown): Promise<void> {
    const { act = '', ids = [] } = FromPage.safeParse(message).data ?? {};
    const { root, outputs } = this.#known;
    if (act === 'loaded') {
      this.#told.delete(place.webview);
      this.#version++; // nothing was watched on some disks
      this.#showLive();
      return this.#rounds.request();
    }
    const meant = ids.flatMap((id) => outputs.get(id) ?? []);
    if (act === 'look' || act === 'measure') {
      const look = act === 'look' ? factsOf : sizeOf;
      const facts = await Promise.all(meant.map(async (one) => [one.id, await look(one, this.context)] as const));
      return post(place.webview, { facts });
    }
    if (act === 'fetch') {
      for (const { id, file } of meant) post(place.webview, { id, bytes: await bytesOf(file) });
      return;
    }
    const done = await actOn(act, meant, root, this.context).finally(() => {
      if (act === 'trash') this.#places.get(place)?.(); // its question took the focus
    });
    if (!done) return;
    await this.#savedHere.add(done);
    this.#version++;
    await this.#rounds.request();
  }

  /** Thumbnails of sessions are fetched only while somebody can see them. */
  #showLive(): void {
    const { outputs, appState } = this.context;
    const isSeen = [...this.#places.keys()].some(({ visible }) => visible);
    const sessions = isSeen ? ownSessions(appState().snapshot).filter(hasOutputs) : [];
    outputs.show(new Set(sessions.map(({ id }) => id)), this);
    if (isSeen) this.#postSoon();
  }

  readonly #changed = (): void => {
    this.#version++;
    this.#postSoon();
  };

  /** Once for all changes of a second. */
  readonly #postSoon = (): void => {
    if (![...this.#places.keys()].some(({ visible }) => visible)) return;
    this.#next ??= this.context.clock.after(SECOND, () => {
      this.#next = undefined;
      this.#rounds.request().catch(this.context.report);
    });
  };

  async #read(signal: AbortSignal): Promise<void> {
    const { appState, recentOf } = this.context;
    const root = this.#root();
    this.#watch(root);
    const isOld = this.#saved?.version !== this.#version;
    const saved = (isOld ? undefined : this.#saved) ?? (await this.#list(root, signal));
    signal.throwIfAborted();
    this.#saved = saved;
    const state = appState();
    const live = liveOutputs(state, recentOf, (id) => this.#savedHere.has(id));
    const all = [...live, ...saved.outputs];
    this.#known = { root, outputs: new Map(all.map((one) => [one.id, one])) };
    for (const place of this.#places.keys())
      if (place.visible)
        this.#post(place, live, saved, place === this.#panel ? this.#askedFor(state.snapshot, all) : '');
  }

  async #list(root: vscode.Uri | undefined, signal: AbortSignal): Promise<Saved> {
    const version = this.#version;
    if (!root) return { version, root, outputs: [] };
    const [files, stars] = await Promise.all([savedIn(root, this.context, signal), starsIn(root)]);
    return { version, root, outputs: files.map((file) => savedOutput(root, file, stars)) };
  }

  /** The session that is asked for, once there is something of it. */
  #askedFor(snapshot: Snapshot, all: readonly Output[]): string {
    const session = ownSessions(snapshot).find(({ id }) => id === this.#asked);
    const name = session && plainName(folderNameOf(session, snapshot));
    const found = all.find(({ from }) => from === name);
    if (found) this.#asked = undefined;
    return found?.from ?? '';
  }

  /** What is in the folder is told only after a change: it may be much. */
  #post({ webview }: Place, live: readonly Output[], saved: Saved, from: string): void {
    const isTold = this.#told.get(webview) === saved;
    this.#told.set(webview, saved);
    const items = live.map(({ id, name, kind, at, from, picture = '' }) => ({
      id,
      name,
      kind,
      at,
      from,
      src: picture,
    }));
    const list = isTold ? {} : { saved: listOf(saved, webview) };
    post(webview, { live: items, ...list, about: this.#about([...live, ...saved.outputs]), from });
  }

  #about(all: readonly Output[]): string {
    if (all.length >= MOST_SAVED) return l10n.t('Only {0} files are shown.', MOST_SAVED);
    if (all.length > 0) return '';
    return this.#root()
      ? l10n.t('No outputs yet.')
      : l10n.t('No outputs yet. To see saved ones here, set “{0}”.', 'comfydeploy.outputsFolder');
  }

  #watch(root: vscode.Uri | undefined): void {
    if (this.#watching?.root === root?.toString()) return;
    this.#watching?.watcher.dispose();
    this.#watching = undefined;
    this.#version++;
    for (const { webview } of this.#places.keys()) {
      const [before] = webview.options.localResourceRoots ?? [];
      if (before?.toString() !== root?.toString()) webview.options = optionsFor(root); // which loads the page again
    }
    if (!root) return;
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, '**/*'));
    for (const on of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) on(this.#changed);
    this.#watching = { root: root.toString(), watcher };
  }
}

function post(webview: vscode.Webview, message: ToPage): void {
  void webview.postMessage(message);
}

/** @throws if it cannot be fetched. */
async function bytesOf(file: vscode.Uri): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await vscode.workspace.fs.readFile(file));
}

function listOf({ root, outputs }: Saved, webview: vscode.Webview): Listed {
  if (!root) return { root: '', src: '', files: [] };
  const files = outputs.map(({ file, name, kind, at, from, isStarred }) => {
    return { path: addressIn(root, file), name, kind, at, from, isStarred };
  });
  return { root: root.toString(), src: webview.asWebviewUri(root).toString(), files };
}

/** A page may read the folder of saved outputs and nothing else. */
function optionsFor(root: vscode.Uri | undefined): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: root ? [root] : [] };
}
