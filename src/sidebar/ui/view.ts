import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { accountTitle, type AccountTextInput } from '../accountText';
import { nothingShown, viewMessageOf, viewStateOf, type ViewMessageInput } from '../viewState';
import { filterText } from '../arrangement';
import { abilitiesOf, type RowsSettings } from '../rows';
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

/** The view around the tree: title, message, badge, and the context keys for `when` clauses. */
export class SessionsView implements vscode.Disposable {
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #onShow: vscode.Disposable;
  readonly #keys = new ContextKeys();

  constructor(
    private readonly late: LateTree,
    tree: SessionTree,
    private readonly appState: () => SessionsViewInput,
    private readonly settings: () => RowsSettings,
    outputs: Pick<RecentOutputs, 'show' | 'placeOf'>,
    /** The accounts that are not in use, whose rows leave no room for a welcome text. */
    private readonly others: () => readonly unknown[],
  ) {
    this.#view = late.view;
    late.adopt(tree, outputDrag(outputs.placeOf));
    this.#onShow = showOutputsOf(this.#view, tree, outputs);
    this.redraw();
  }

  /** Whether the rows are visible: the view is open, in a focused window. */
  get isWatched(): boolean {
    return this.#view.visible && vscode.window.state.focused;
  }

  /** Fires when the user turns to this window or opens the view. */
  onDidLook(listener: () => void): vscode.Disposable {
    return this.#onDidTurn((isTowards) => isTowards && listener());
  }

  onDidLookAway(listener: () => void): vscode.Disposable {
    return this.#onDidTurn((isTowards) => !isTowards && listener());
  }

  /** Shows progress until the first answer. Later refreshes show none, or the view would flicker. */
  readonly whileLoading = async (work: () => Promise<void>): Promise<void> => {
    if (this.appState().snapshot.kind !== 'loading') return work();
    await busy('comfydeploy.sessions', work);
  };

  /** The selected row. */
  readonly selected = (): TreeNode | undefined => this.selection()[0];

  readonly selection = () => this.#view.selection;

  redraw(): void {
    const input = this.appState();
    const { snapshot } = input;
    const { length: count } = sessionsOf(snapshot);
    const tooltip = snapshot.kind === 'ready' ? liveText(snapshot) : '';
    if (snapshot.kind !== 'loading') this.late.settle();
    const settings = this.settings();
    // VS Code shows no welcome text beside a message, and without rows the welcome text says what to do.
    const message = this.others().length === 0 && snapshot.kind === 'failed' ? '' : this.#messageOf(input);
    const badge = count === 0 ? undefined : { value: count, tooltip };
    const description = filterText(settings);
    drawView(this.#view, { title: viewTitle(accountTitle(input)), description, message, badge });
    this.#keys.set('comfydeploy.view', viewStateOf({ snapshot, showUnavailable: settings.showUnavailable }));
    this.#keys.set('comfydeploy.can', canDo(snapshot));
  }

  dispose(): void {
    this.#onShow.dispose();
  }

  #messageOf(input: SessionsViewInput): string {
    const { snapshot } = input;
    if (snapshot.kind === 'signedOut') return this.others().length === 0 ? '' : noKeyText();
    return viewMessageOf(input) ?? this.late.age ?? (nothingShown(snapshot, this.settings()) ? noMatchText() : '');
  }

  #onDidTurn(listener: (isTowards: boolean) => unknown): vscode.Disposable {
    let wasFocused = vscode.window.state.focused;
    return vscode.Disposable.from(
      this.#view.onDidChangeVisibility(({ visible }) => listener(visible)),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused !== wasFocused) listener(focused); // the event also reports idleness, which does not matter here
        wasFocused = focused;
      }),
    );
  }
}

function noKeyText(): string {
  return l10n.t(
    'There is no valid key for the account in use. Sign in from the menu … of this view, or switch to an account below.',
  );
}

/** No row passes the filter. */
function noMatchText(): string {
  return l10n.t('No session matches the filter. Change it with Filter and Sort.');
}

/** Screen readers read it as the tree's name, so it says what the tree contains. A narrow view cuts off the end. */
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

/** Outputs can be dragged to wherever VS Code accepts files. Nothing can be dropped here. */
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
