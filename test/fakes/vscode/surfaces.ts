import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';
import { LogLevel, StatusBarAlignment, TreeItemCollapsibleState, type TreeItem } from './values';

const never = <T>(): vscode.Event<T> => new Emitter<T>().event;

export class FakeTreeView<T> implements vscode.TreeView<T> {
  readonly #seen = new Emitter<vscode.TreeViewVisibilityChangeEvent>();
  readonly onDidChangeVisibility = this.#seen.event;
  readonly #expanded = new Emitter<vscode.TreeViewExpansionEvent<T>>();
  readonly #collapsed = new Emitter<vscode.TreeViewExpansionEvent<T>>();
  readonly onDidExpandElement = this.#expanded.event;
  readonly onDidCollapseElement = this.#collapsed.event;
  /** Rows that the user opened or closed; this wins over the initial state. */
  readonly #openness = new Map<T, boolean>();
  readonly onDidChangeSelection = never<vscode.TreeViewSelectionChangeEvent<T>>();
  readonly onDidChangeCheckboxState = never<vscode.TreeCheckboxChangeEvent<T>>();
  /** Every redraw that the extension requested: the rows, or `undefined` for all. */
  readonly redraws: (readonly T[] | undefined)[] = [];
  /** Every value that was set, changed or not. */
  readonly badges: (vscode.ViewBadge | undefined)[] = [];
  selection: readonly T[] = [];
  /** The row with the keyboard focus; the selection does not follow it. */
  focused: T | undefined;
  visible = true;
  message?: string;
  title?: string;
  description?: string;

  constructor(
    readonly provider: vscode.TreeDataProvider<T>,
    readonly drag?: vscode.TreeDragAndDropController<T>,
  ) {
    provider.onDidChangeTreeData?.((rows) => {
      const list = rows === undefined || rows === null ? undefined : Array.isArray(rows) ? rows : [rows];
      this.redraws.push(list);
    });
  }

  get badge(): vscode.ViewBadge | undefined {
    return this.badges.at(-1);
  }

  set badge(badge: vscode.ViewBadge | undefined) {
    this.badges.push(badge);
  }

  /** VS Code asks only for the children of open rows. */
  isOpen(row: T): boolean {
    const { collapsibleState } = this.provider.getTreeItem(row) as TreeItem;
    const opensItself: vscode.TreeItemCollapsibleState = TreeItemCollapsibleState.Expanded;
    return this.#openness.get(row) ?? collapsibleState === opensItself;
  }

  expand(row: T): void {
    this.#openness.set(row, true);
    this.#expanded.fire({ element: row });
  }

  collapse(row: T): void {
    this.#openness.set(row, false);
    this.#collapsed.fire({ element: row });
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.#seen.fire({ visible });
  }

  /** As VS Code does, by the ids of the rows it has. */
  async reveal(row: T): Promise<void> {
    if (!this.provider.getParent) throw new Error('VS Code reveals rows of which it can ask for the parents');
    const same = async (one: T) =>
      (await this.provider.getTreeItem(one)).id === (await this.provider.getTreeItem(row)).id;
    for (const one of (await this.provider.getChildren()) ?? []) if (await same(one)) this.selection = [one];
  }

  dispose(): void {
    this.selection = [];
  }
}

export class FakeStatusBarItem implements vscode.StatusBarItem {
  readonly alignment = StatusBarAlignment.Left;
  readonly priority = 0;
  name: string | undefined;
  text = '';
  tooltip: string | vscode.MarkdownString | undefined;
  color: string | vscode.ThemeColor | undefined;
  backgroundColor: vscode.ThemeColor | undefined;
  command: string | vscode.Command | undefined;
  accessibilityInformation: vscode.AccessibilityInformation | undefined;
  isVisible = false;

  constructor(readonly id: string) {}

  show(): void {
    this.isVisible = true;
  }

  hide(): void {
    this.isVisible = false;
  }

  dispose(): void {
    this.isVisible = false;
  }
}

export class FakeChannel implements vscode.LogOutputChannel {
  readonly logLevel = LogLevel.Trace;
  readonly onDidChangeLogLevel = never<vscode.LogLevel>();
  readonly lines: string[] = [];
  isShown = false;

  constructor(readonly name: string) {}

  readonly trace = (message: string): void => void this.lines.push(message);
  readonly debug = this.trace;
  readonly info = this.trace;
  readonly warn = this.trace;
  readonly error = (error: string | Error): void => this.trace(String(error));
  readonly append = this.trace;
  readonly appendLine = this.trace;
  readonly replace = this.trace;

  clear(): void {
    this.lines.splice(0);
  }

  show(): void {
    this.isShown = true;
  }

  hide(): void {
    this.isShown = false;
  }

  dispose(): void {
    this.hide();
  }
}
