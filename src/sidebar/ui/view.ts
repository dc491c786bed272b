import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { accountTitle, type AccountTextInput } from '../accountText';
import { viewMessageOf, viewStateOf, type ViewMessageInput, type ViewStateInput } from '../viewState';
import { abilitiesOf } from '../rows';
import { liveText } from '../burnText';
import { isStartable } from '../../sessions/builds';
import { machinesOf, ownSessions, sessionsOf, type Snapshot } from '../../sessions/snapshot';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import { outputUri } from '../../outputs/ui/outputFileSystem';
import { ContextKeys } from '../../platform/ui/contextKeys';
import { URI_LIST, type LateTree } from './lateTree';
import { showOutputsOf } from './outputsOnShow';
import type { SessionTree, TreeNode } from './sessionTree';
import { busy, drawView } from '../../platform/ui/shown';

export interface SessionsViewInput extends ViewMessageInput, AccountTextInput {}

/** The view around the tree: badge, message, and the context keys that `when` clauses read. */
export class SessionsView implements vscode.Disposable {
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #onShow: vscode.Disposable;
  readonly #keys = new ContextKeys();

  constructor(
    private readonly late: LateTree,
    tree: SessionTree,
    private readonly appState: () => SessionsViewInput,
    private readonly settings: () => Pick<ViewStateInput, 'showUnavailable'>,
    outputs: Pick<RecentOutputs, 'show' | 'placeOf'>,
  ) {
    this.#view = late.view;
    late.adopt(tree, outputDrag(outputs.placeOf));
    this.#onShow = showOutputsOf(this.#view, tree, outputs);
    this.redraw();
  }

  /** Somebody can see the rows: the view is open, in a window that has the focus. */
  get isWatched(): boolean {
    return this.#view.visible && vscode.window.state.focused;
  }

  /** The user has turned to this window, or opened the view. */
  onDidLook(listener: () => void): vscode.Disposable {
    return this.#onDidTurn((isTowards) => isTowards && listener());
  }

  onDidLookAway(listener: () => void): vscode.Disposable {
    return this.#onDidTurn((isTowards) => !isTowards && listener());
  }

  /** Shows that the first answer is being waited for. Later ones come unannounced, or the view would flicker. */
  readonly whileLoading = async (work: () => Promise<void>): Promise<void> => {
    if (this.appState().snapshot.kind !== 'loading') return work();
    await busy('comfydeploy.sessions', work);
  };

  /** The selected row. */
  readonly selected = (): TreeNode | undefined => this.#view.selection[0];

  redraw(): void {
    const input = this.appState();
    const { snapshot } = input;
    const { length: count } = sessionsOf(snapshot);
    const tooltip = snapshot.kind === 'ready' ? liveText(snapshot) : '';
    if (snapshot.kind !== 'loading') this.late.settle();
    // Beside a message VS Code shows no welcome text, and without rows it is that text that says what to do.
    const message = input.snapshot.kind === 'failed' ? '' : (viewMessageOf(input) ?? this.late.age ?? '');
    const badge = count === 0 ? undefined : { value: count, tooltip };
    drawView(this.#view, { title: viewTitle(accountTitle(input)), message, badge });
    this.#keys.set(
      'comfydeploy.view',
      viewStateOf({ snapshot: input.snapshot, showUnavailable: this.settings().showUnavailable }),
    );
    this.#keys.set('comfydeploy.can', canDo(input.snapshot));
  }

  dispose(): void {
    this.#onShow.dispose();
  }

  #onDidTurn(listener: (isTowards: boolean) => unknown): vscode.Disposable {
    let wasFocused = vscode.window.state.focused;
    return vscode.Disposable.from(
      this.#view.onDidChangeVisibility(({ visible }) => listener(visible)),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused !== wasFocused) listener(focused); // the event also shows idleness, which is not meant here
        wasFocused = focused;
      }),
    );
  }
}

/** A screen reader says it as the tree's name, so that it says what the tree holds. Of a narrow one the end is cut off. */
function viewTitle(account: string | undefined): string {
  const sessions = l10n.t('Sessions');
  return account === undefined ? sessions : `${account} · ${sessions}`;
}

/** What can be done with at least one row, in the words of `when` clauses. */
function canDo(snapshot: Snapshot): string {
  if (snapshot.kind !== 'ready') return '';
  const words = new Set(sessionsOf(snapshot).flatMap((session) => ['+session', ...abilitiesOf(session, snapshot)]));
  if (machinesOf(snapshot).some(isStartable)) words.add('+create');
  if (ownSessions(snapshot).length > 0) words.add('+endAll');
  return [...words].join(' ');
}

/** Outputs can be dragged to where VS Code takes files. Nothing can be dropped here. */
function outputDrag(placeOf: RecentOutputs['placeOf']): Pick<vscode.TreeDragAndDropController<TreeNode>, 'handleDrag'> {
  return {
    handleDrag(nodes, data) {
      const uris = nodes.flatMap((node) =>
        node.kind === 'output' ? [outputUri(node.sessionId, node.file, placeOf(node.sessionId))] : [],
      );
      if (uris.length > 0) data.set(URI_LIST, new vscode.DataTransferItem(uris.map(String).join('\r\n')));
    },
  };
}
