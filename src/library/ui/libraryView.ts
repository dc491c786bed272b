import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import { isOlder } from '../../platform/age';
import { together, type Disposable } from '../../platform/emitter';
import { ContextKeys } from '../../platform/ui/contextKeys';
import { busy, drawView } from '../../platform/ui/shown';
import { MINUTE } from '../../platform/units';
import { messageOf, type LibraryTextInput } from '../libraryText';
import type { Shelf } from '../shelf';
import type { LateLibrary } from './lateLibrary';
import type { LibraryNode, LibraryTree } from './libraryTree';

const VIEW = 'comfydeploy.workflows';

/** The view around the rows. While it is hidden, nothing is requested. */
export class LibraryView implements Disposable {
  readonly #view: vscode.TreeView<LibraryNode>;
  readonly #keys = new ContextKeys();
  readonly #owned: Disposable;

  constructor(
    late: LateLibrary,
    tree: LibraryTree,
    private readonly shelf: Shelf,
    private readonly appState: () => LibraryTextInput,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#view = late.view;
    this.#owned = together([
      late.adopt(tree),
      shelf.onDidChange(() => this.#draw()),
      this.#view.onDidChangeVisibility(({ visible }) => (visible ? this.redraw() : shelf.closeAll())),
      this.#view.onDidExpandElement(({ element }) => element.kind === 'workflow' && void shelf.open(element.workflow)),
      this.#view.onDidCollapseElement(({ element }) => element.kind === 'workflow' && shelf.close(element.workflow.id)),
    ]);
    this.#draw();
  }

  readonly selected = (): LibraryNode | undefined => this.#view.selection[0];

  /** Reads the list if somebody sees it, and it is unknown or old. */
  redraw(): void {
    const { list } = this.shelf;
    const isDue = !list || (!list.problem && isOlder(list.asOf, MINUTE, this.clock.now()));
    if (isDue && !this.shelf.isReading('list')) this.refresh();
    this.#draw();
  }

  refresh(): void {
    if (this.#view.visible && this.appState().snapshot.kind === 'ready') void this.during(() => this.shelf.read());
  }

  /** Shows that something is requested. */
  during(work: () => Promise<void>): Thenable<void> {
    return busy(VIEW, work);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #draw(): void {
    const { list, filter } = this.shelf;
    const message = this.appState().snapshot.kind === 'ready' ? messageOf(list, filter, this.appState()) : '';
    drawView(this.#view, { title: l10n.t('Workflows'), message, badge: undefined });
    this.#keys.set('comfydeploy.library', list && list.rows.length === 0 ? 'empty' : '');
  }
}
