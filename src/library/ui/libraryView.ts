import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import { isOlder } from '../../platform/age';
import { together, type Disposable } from '../../platform/emitter';
import { ContextKeys } from '../../platform/ui/contextKeys';
import { busy, drawView } from '../../platform/ui/shown';
import { MINUTE, SECOND } from '../../platform/units';
import { messageOf, type LibraryTextInput } from '../libraryText';
import type { Shelf } from '../shelf';
import type { LateLibrary } from './lateLibrary';
import type { LibraryNode, LibraryTree } from './libraryTree';

const VIEW = 'comfydeploy.workflows';
/** Ages that are told in seconds are told in steps of this, ms. */
const TICK = 10 * SECOND;

/** The view around the rows. While it is hidden, nothing is requested. */
export class LibraryView implements Disposable {
  readonly #view: vscode.TreeView<LibraryNode>;
  readonly #keys = new ContextKeys();
  readonly #owned: Disposable;
  /** What VS Code was told last. */
  #said = '';
  #tick: Disposable | undefined;

  constructor(
    late: LateLibrary,
    private readonly tree: LibraryTree,
    private readonly shelf: Shelf,
    private readonly appState: () => LibraryTextInput,
    private readonly clock: Pick<Clock, 'now' | 'after'>,
  ) {
    this.#view = late.view;
    this.#owned = together([
      late.adopt(tree),
      shelf.onDidChange(() => this.#draw()),
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (!visible) shelf.closeAll();
        this.redraw();
      }),
      this.#view.onDidExpandElement(
        ({ element }) => element.kind === 'workflow' && void shelf.open(element.workflow, true),
      ),
      this.#view.onDidCollapseElement(({ element }) => element.kind === 'workflow' && shelf.close(element.workflow.id)),
    ]);
    this.#draw();
  }

  readonly selected = (): LibraryNode | undefined => this.#view.selection[0];

  /** Selects a row, so that it is seen where it is. */
  async reveal(row: LibraryNode): Promise<void> {
    // VS Code may be drawing other rows just then.
    await this.#view.reveal(row, { select: true }).then(undefined, () => undefined);
  }

  /** Ages go on. Reads the list if somebody sees it, and it is unknown or old. */
  redraw(): void {
    const { list } = this.shelf;
    const isDue = !list || isOlder(list.triedAt, MINUTE, this.clock.now());
    if (isDue && !this.shelf.isReading('list')) this.refresh();
    if (this.#view.visible && this.tree.said() !== this.#said) this.shelf.redraw();
    else this.#draw();
    this.#tick?.dispose();
    this.#tick = this.#view.visible ? this.clock.after(TICK, () => this.redraw()) : undefined;
  }

  refresh(isAsked = false): void {
    if (this.#view.visible && this.appState().snapshot.kind === 'ready')
      void this.during(() => this.shelf.read(isAsked));
  }

  /** Shows that something is requested. */
  during(work: () => Promise<void>): Thenable<void> {
    return busy(VIEW, work);
  }

  dispose(): void {
    this.#tick?.dispose();
    this.#owned.dispose();
  }

  #draw(): void {
    this.#said = this.tree.said();
    const { list, filter } = this.shelf;
    const message = this.appState().snapshot.kind === 'ready' ? messageOf(list, filter, this.appState()) : '';
    drawView(this.#view, { title: l10n.t('Workflows'), message, badge: undefined });
    this.#keys.set('comfydeploy.library', list?.rows.length === 0 && Object.keys(filter).length === 0 ? 'empty' : '');
  }
}
