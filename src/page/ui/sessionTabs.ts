import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { FrameUse } from '../frameUse';
import { loadGraph, type Loading } from '../graphLoading';
import { ASKING } from '../plugin';
import type { Graph, Prompt } from '../../comfyui/workflow';
import { SessionId, type Session } from '../../comfydeploy/model';
import { capabilitiesOf } from '../../sessions/capabilities';
import type { Ended } from '../../sessions/snapshot';
import type { Canvas } from '../../outputs/canvasText';
import { ContextKeys } from '../../platform/ui/contextKeys';
import { VIEW_TYPE } from './keptTabs';
import { SessionTab, type TabContext } from './sessionTab';
import { webviewPanel } from '../../platform/ui/shown';
import { SECOND } from '../../platform/units';

const Kept = z.lazy(() => z.object({ sessionId: SessionId, scope: z.optional(z.string()) }));

/** What a page draws and would queue; undefined if it sent none. */
interface Shown {
  readonly graph: Graph | undefined;
  readonly prompt: Prompt | undefined;
}

/** One editor tab for each session; opening it again brings it forward. */
export class SessionTabs implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #tabs = new Map<SessionId, SessionTab>();
  #second: { dispose(): void } | undefined;
  readonly #keys = new ContextKeys();
  readonly #uses = new WeakMap<SessionTab, FrameUse>();

  constructor(private readonly context: TabContext) {}

  /** The session of the tab in front. */
  readonly active = (): SessionId | undefined => [...this.#tabs.values()].find(({ panel }) => panel.active)?.id;

  /** The session that the user works in, in this window: VS Code sees activity, or the page is seen in use. */
  readonly inUse = (): SessionId | undefined => {
    const tab = [...this.#tabs.values()].find(({ panel }) => panel.active);
    const { focused, active } = vscode.window.state;
    const use = tab && this.#uses.get(tab);
    if (active) use?.sign();
    return active || (focused && use?.isUsed) ? tab?.id : undefined;
  };

  get isAny(): boolean {
    return this.#tabs.size > 0;
  }

  /** Sessions whose pages may have been edited since, and can be asked. @param since steady clock, ms. */
  readonly touched = (since: number): readonly SessionId[] =>
    [...this.#tabs.values()]
      .filter((tab) => tab.channel?.isReady && this.#uses.get(tab)?.isTouchedSince(since))
      .map(({ id }) => id);

  /** Whether its page is visible to a user who looks at this window. */
  readonly isVisible = (id: SessionId): boolean => this.#tabs.get(id)?.panel.visible ?? false;

  /** The same of a user who does. */
  readonly isInView = (id: SessionId): boolean => vscode.window.state.focused && this.isVisible(id);

  /** @param toSide beside the active editor instead of over it. */
  show(session: Session, toSide = false): void {
    const open = this.#tabs.get(session.id);
    if (open) return open.panel.reveal(toSide ? vscode.ViewColumn.Beside : undefined);
    const replaced = [...this.#tabs.values()].find((tab) => tab.isReplacedBy(session));
    const column = replaced?.panel.viewColumn ?? (toSide ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active);
    const panel = webviewPanel(VIEW_TYPE, session.gpu, column, {
      retainContextWhenHidden: true, // a hidden frame would otherwise reload and lose the graph
    });
    this.#adopt(panel, session.id, this.#scope);
    replaced?.dispose();
  }

  /** What is known of a session that is over. */
  showOver(id: SessionId, title: string): void {
    const open = this.#tabs.get(id);
    if (open) return open.panel.reveal();
    this.#adopt(webviewPanel(VIEW_TYPE, title, vscode.ViewColumn.Active, {}), id, this.#scope);
  }

  /** After a window reload: VS Code kept the tab and the session's id; the address is fetched again. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, kept: unknown): Thenable<void> {
    const parsed = Kept.safeParse(kept);
    if (parsed.success) this.#adopt(panel, parsed.data.sessionId, parsed.data.scope);
    else panel.dispose();
    return Promise.resolve();
  }

  /** Also focuses the tab, so that its buttons can be used with the keyboard. */
  reload(id: SessionId): void {
    const tab = this.#tabs.get(id);
    tab?.reload();
    tab?.panel.reveal();
  }

  /**
   * Shows a graph in the session's page, always in our tab, since only that page can receive it.
   * @throws the signal's reason when it fires first.
   */
  async loadGraph(session: Session, graph: Graph, signal: AbortSignal): Promise<Loading> {
    this.show(session);
    const channel = this.#tabs.get(session.id)?.channel;
    return channel ? loadGraph(channel, graph, this.context.web.clock, signal) : 'silent';
  }

  /** What the visible page draws; undefined if there is none that answers. */
  async graphOf(id: SessionId, signal: AbortSignal): Promise<Graph | undefined> {
    return (await this.shownBy(id, signal))?.graph;
  }

  /** The same, with the prompt that the page makes of it. */
  async shownBy(id: SessionId, signal: AbortSignal): Promise<Shown | undefined> {
    const channel = this.#tabs.get(id)?.channel;
    const answer = channel?.isReady ? await channel.ask(ASKING, signal) : 'silent';
    return typeof answer === 'object' && 'graph' in answer ? answer : undefined;
  }

  /** Whether the canvas can be requested now. VS Code restores a tab only once it is shown. */
  readonly canvasOf = (id: SessionId): Canvas => {
    if (this.#tabs.get(id)?.channel?.isReady) return 'shown';
    const kept = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(isSessionTab).length;
    return !this.#tabs.has(id) && kept > this.#tabs.size ? 'unseen' : 'none';
  };

  redraw(): void {
    for (const tab of this.#tabs.values()) tab.update();
    this.#mirrorActive();
    this.#countSeconds();
  }

  readonly ended = ({ session, why }: Ended): void => this.#tabs.get(session.id)?.ended(why);

  dispose(): void {
    this.#second?.dispose();
    for (const tab of [...this.#tabs.values()]) tab.dispose();
  }

  get #scope(): string | undefined {
    const { snapshot } = this.context.appState();
    return snapshot.kind === 'ready' ? snapshot.scope : undefined;
  }

  #adopt(panel: vscode.WebviewPanel, id: SessionId, scope: string | undefined): void {
    const tab = new SessionTab(panel, id, scope, this.context);
    this.#tabs.set(id, tab);
    const use = new FrameUse(this.context.web.clock);
    this.#uses.set(tab, use);
    panel.webview.onDidReceiveMessage((message: unknown) => use.hear(message));
    panel.onDidChangeViewState(() => this.#mirrorActive());
    panel.onDidDispose(() => {
      this.#tabs.delete(id);
      tab.dispose();
      this.#mirrorActive();
    });
    this.redraw();
  }

  /** Runs only while a start page shows elapsed seconds. */
  #countSeconds(): void {
    this.#second?.dispose();
    if ([...this.#tabs.values()].some(({ isWaiting, panel }) => isWaiting && panel.visible))
      this.#second = this.context.web.clock.after(SECOND, () => this.redraw());
  }

  /** For the `when` clauses of the tab's own buttons. */
  #mirrorActive(): void {
    const session = [...this.#tabs.values()].find(({ panel }) => panel.active)?.session;
    this.#keys.set('comfydeploy.tab', session ? capabilitiesOf(session) : '');
  }
}

/** VS Code adds a prefix to the type. */
function isSessionTab({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(VIEW_TYPE);
}
