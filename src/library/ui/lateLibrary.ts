import * as vscode from 'vscode';
import type { Disposable } from '../../platform/emitter';
import { emptyItem, treeView } from '../../platform/ui/shown';
import type { LibraryNode } from './libraryTree';

type Tree = Required<Pick<vscode.TreeDataProvider<LibraryNode>, 'getChildren' | 'getTreeItem' | 'getParent'>> & {
  readonly onDidChange: (listener: () => void) => Disposable;
};

/** The view from the start: empty until the house has its rows. */
export class LateLibrary implements vscode.TreeDataProvider<LibraryNode>, Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #tree: Tree | undefined;
  readonly view = treeView<LibraryNode>('comfydeploy.workflows', { treeDataProvider: this, showCollapseAll: true });

  /** From now on the tree provides the rows. */
  adopt(tree: Tree): Disposable {
    this.#tree = tree;
    return tree.onDidChange(() => this.#changed.fire(undefined));
  }

  getChildren(parent?: LibraryNode): vscode.ProviderResult<LibraryNode[]> {
    return this.#tree?.getChildren(parent) ?? [];
  }

  getTreeItem(node: LibraryNode): vscode.TreeItem | Thenable<vscode.TreeItem> {
    return this.#tree?.getTreeItem(node) ?? emptyItem();
  }

  /** Without it VS Code reveals nothing. */
  getParent(node: LibraryNode): vscode.ProviderResult<LibraryNode> {
    return this.#tree?.getParent(node);
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }
}
