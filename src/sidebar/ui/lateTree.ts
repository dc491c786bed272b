import * as vscode from 'vscode';
import type { Disposable } from '../../platform/emitter';
import { drawView, emptyItem, treeItem, treeView } from '../../platform/ui/shown';
import { ageOfLastTime, shownLastTime, type LastTime, type ShownLastRow } from '../lastTime';
import { dimmedUri } from './dimming';
import type { TreeNode } from './sessionTree';

export const URI_LIST = 'text/uri-list';

/** The full tree, once it is loaded. */
interface Tree extends vscode.TreeDataProvider<TreeNode> {
  readonly onDidChangeTreeData: vscode.Event<TreeNode[] | undefined>;
}
type Drag = Pick<vscode.TreeDragAndDropController<TreeNode>, 'handleDrag'>;

/** The view from the start: empty, then the stored rows, then whatever the tree shows. */
export class LateTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #last: { readonly rows: ReadonlyMap<string, ShownLastRow>; readonly age: string } | undefined;
  #tree: Tree | undefined;
  #drag: Drag | undefined;
  #following: Disposable | undefined;
  readonly view = treeView<TreeNode>('comfydeploy.sessions', {
    treeDataProvider: this,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: {
      dragMimeTypes: [URI_LIST],
      dropMimeTypes: [],
      handleDrag: (nodes, data, token) => this.#drag?.handleDrag?.(nodes, data, token),
    },
  });

  /** The age message, while stored rows are shown. */
  get age(): string | undefined {
    return this.#last?.age;
  }

  /** Shows the stored rows until the first answer. */
  showLast(last: LastTime, now: number): void {
    const rows = shownLastTime(last, now);
    if (rows.length === 0 || this.#tree) return;
    this.#last = { rows: new Map(rows.map((row) => [row.id, row])), age: ageOfLastTime(last, now) };
    drawView(this.view, { title: this.view.title ?? '', message: this.#last.age, badge: undefined });
    this.#changed.fire(undefined);
  }

  /** From now on the full tree provides the rows. */
  adopt(tree: Tree, drag: Drag): void {
    this.#tree = tree;
    this.#drag = drag;
    this.#following = tree.onDidChangeTreeData((rows) => {
      if (!this.settle()) this.#changed.fire(rows);
    });
  }

  /** The first answer has come: removes the stored rows. @returns whether they were still shown. */
  settle(): boolean {
    if (!this.#last) return false;
    this.#last = undefined;
    this.#changed.fire(undefined);
    return true;
  }

  getChildren(parent?: TreeNode): vscode.ProviderResult<TreeNode[]> {
    if (!this.#last) return this.#tree?.getChildren(parent) ?? [];
    const rows = [...this.#last.rows.values()].filter((row) => row.parent === parent?.id);
    return rows.map(({ id }) => ({ id, kind: 'group' }));
  }

  getParent(node: TreeNode): vscode.ProviderResult<TreeNode> {
    const parent = this.#last?.rows.get(node.id)?.parent;
    if (parent !== undefined) return { id: parent, kind: 'group' };
    return this.#last ? undefined : this.#tree?.getParent?.(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem | Thenable<vscode.TreeItem> {
    const row = this.#last?.rows.get(node.id);
    if (!row) return this.#tree?.getTreeItem(node) ?? emptyItem();
    const { label, description, icon } = row;
    const ariaLabel = this.#last ? `${label}, ${description}, ${this.#last.age}` : label;
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const hasChildren = [...(this.#last?.rows.values() ?? [])].some(({ parent }) => parent === row.id);
    const item = treeItem({ label, description, ariaLabel }, hasChildren ? Expanded : None);
    item.id = node.id;
    item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor('disabledForeground'));
    item.resourceUri = dimmedUri(node.id);
    return item;
  }

  resolveTreeItem(
    item: vscode.TreeItem,
    node: TreeNode,
    token: vscode.CancellationToken,
  ): vscode.ProviderResult<vscode.TreeItem> {
    return this.#last ? item : this.#tree?.resolveTreeItem?.(item, node, token);
  }

  dispose(): void {
    this.#following?.dispose();
    this.view.dispose();
    this.#changed.dispose();
  }
}
