import * as vscode from 'vscode';
import type { Facts } from '../core/present/facts';
import { viewMessageOf, viewStateOf } from '../core/present/viewState';
import { capabilitiesOf } from '../core/present/rows';
import { isMine, machinesOf, sessionsOf, type Snapshot } from '../core/state/snapshot';
import { accountText } from './accountText';
import type { SessionTree, TreeNode } from './sessionTree';

/** The view around the tree: badge, message, and the context keys that `when` clauses read. */
export class SessionsView implements vscode.Disposable {
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #contexts = new Map<string, string>();

  constructor(
    tree: SessionTree,
    private readonly facts: () => Facts,
  ) {
    this.#view = vscode.window.createTreeView('comfydeploy.sessions', { treeDataProvider: tree });
    this.redraw();
  }

  /** Somebody can see the rows: the view is open, in a window that has the focus. */
  get isWatched(): boolean {
    return this.#view.visible && vscode.window.state.focused;
  }

  onDidChangeWatched(listener: (isWatched: boolean) => void): vscode.Disposable {
    let known = this.isWatched;
    const check = () => {
      const { isWatched } = this;
      if (isWatched !== known) listener(isWatched);
      known = isWatched;
    };
    return vscode.Disposable.from(
      this.#view.onDidChangeVisibility(check),
      vscode.window.onDidChangeWindowState(check), // fires for activity, too, which is not a change to us
    );
  }

  /** The selected row, for key bindings, which name none. */
  readonly selected = (): TreeNode | undefined => this.#view.selection[0];

  redraw(): void {
    const facts = this.facts();
    const { length: count } = sessionsOf(facts.snapshot);
    const tooltip = count === 1 ? '1 live session' : `${count} live sessions`;
    if (this.#view.badge?.value !== count) this.#view.badge = count === 0 ? undefined : { value: count, tooltip };
    const message = viewMessageOf(facts) ?? '';
    if (this.#view.message !== message) this.#view.message = message;
    const account = accountText(facts);
    const title = account === undefined ? 'Sessions' : `Sessions · ${account}`;
    if (this.#view.title !== title) this.#view.title = title;
    this.#setContext('comfydeploy.view', viewStateOf(facts));
    this.#setContext('comfydeploy.can', canDo(facts.snapshot));
  }

  dispose(): void {
    this.#view.dispose();
  }

  #setContext(key: string, value: string): void {
    if (this.#contexts.get(key) === value) return;
    this.#contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** What can be done with at least one row, in the words of `when` clauses. */
function canDo(snapshot: Snapshot): string {
  if (snapshot.kind !== 'ready') return '';
  const words = new Set(sessionsOf(snapshot).flatMap((session) => ['+session', ...capabilitiesOf(session).split(' ')]));
  if (machinesOf(snapshot).some(({ hosting }) => hosting.kind === 'able')) words.add('+create');
  if (snapshot.sessions.some((session) => isMine(snapshot.account, session) && session.phase !== 'ending'))
    words.add('+cancelAll');
  return [...words].join(' ');
}
