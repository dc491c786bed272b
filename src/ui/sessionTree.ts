import * as vscode from 'vscode';
import type { MachineId, SessionId } from '../core/model';
import type { Facts } from '../core/present/facts';
import { rowsOf, type Row } from '../core/present/rows';
import { machineTooltip, sessionTooltip, type Tooltip } from '../core/present/tooltips';
import { findSession, machinesOf } from '../core/state/snapshot';
import { dimmedUri } from './dimming';
import { tooltipMarkdown } from './tooltip';

/** What VS Code holds for a row and hands to commands: the same object as long as the row exists. */
export type TreeNode =
  | { readonly id: string; readonly kind: 'session'; readonly sessionId: SessionId }
  | { readonly id: string; readonly kind: 'machine'; readonly machineId: MachineId }
  | { readonly id: string; readonly kind: 'group' };

/** Turns rows into tree items. Fetches nothing and decides nothing; tells VS Code only of rows that changed. */
export class SessionTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #rows: ReadonlyMap<string, Row> = new Map();
  #children: ReadonlyMap<string | undefined, readonly TreeNode[]> = new Map();
  readonly #nodes = new Map<string, TreeNode>();

  constructor(private readonly facts: () => Facts) {
    this.redraw();
  }

  redraw(): void {
    const before = { rows: this.#rows, children: this.#children };
    const rows = rowsOf(this.facts());
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#children = this.#group(rows);
    for (const id of this.#nodes.keys()) if (!this.#rows.has(id)) this.#nodes.delete(id);

    if (!isSameList(before.children.get(undefined), this.#children.get(undefined)))
      return this.#changed.fire(undefined);
    const changed = [...this.#rows.values()].filter(
      (row) =>
        !isSameRow(before.rows.get(row.id), row) ||
        !isSameList(before.children.get(row.id), this.#children.get(row.id)),
    );
    if (changed.length > 0) this.#changed.fire(changed.map((row) => this.#nodeOf(row)));
  }

  getChildren(parent?: TreeNode): TreeNode[] {
    return [...(this.#children.get(parent?.id) ?? [])];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    const parent = this.#rows.get(this.#rows.get(node.id)?.parent ?? '');
    return parent && this.#nodeOf(parent);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const row = this.#rows.get(node.id);
    if (!row) return new vscode.TreeItem(''); // gone since VS Code asked for it; the next redraw removes it
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.hasChildren ? Expanded : None);
    const { id, color } = row.icon;
    // To VS Code the first child makes another row: it would keep the one it knows collapsed, and the session unseen.
    item.id = row.hasChildren ? `${row.id}+` : row.id;
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.contextValue = row.contextValue;
    item.accessibilityInformation = { label: row.spoken };
    if (row.isDimmed) item.resourceUri = dimmedUri(row.id);
    if (row.contextValue.includes('+open'))
      item.command = { command: 'comfydeploy.openSession', title: 'Open', arguments: [node] };
    return item;
  }

  /** Made when the pointer rests on a row, so that its figures are of that moment. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    const tooltip = this.#tooltipOf(node);
    if (tooltip) item.tooltip = tooltipMarkdown(tooltip);
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #tooltipOf(node: TreeNode): Tooltip | undefined {
    const facts = this.facts();
    const { snapshot } = facts;
    if (snapshot.kind !== 'ready' || node.kind === 'group') return undefined;
    if (node.kind === 'session') {
      const session = findSession(snapshot, node.sessionId);
      return session && sessionTooltip(session, snapshot, facts);
    }
    const machine = machinesOf(snapshot).find(({ id }) => id === node.machineId);
    return machine && machineTooltip(machine, facts);
  }

  #group(rows: readonly Row[]): Map<string | undefined, TreeNode[]> {
    const groups = new Map<string | undefined, TreeNode[]>();
    for (const row of rows) {
      const siblings = groups.get(row.parent);
      if (siblings) siblings.push(this.#nodeOf(row));
      else groups.set(row.parent, [this.#nodeOf(row)]);
    }
    return groups;
  }

  #nodeOf(row: Row): TreeNode {
    const known = this.#nodes.get(row.id);
    if (known) return known;
    const node = newNode(row);
    this.#nodes.set(row.id, node);
    return node;
  }
}

function newNode(row: Row): TreeNode {
  if (row.kind === 'session') return { id: row.id, kind: row.kind, sessionId: row.sessionId };
  if (row.kind === 'machine') return { id: row.id, kind: row.kind, machineId: row.machineId };
  return { id: row.id, kind: row.kind };
}

function isSameList(a: readonly TreeNode[] = [], b: readonly TreeNode[] = []): boolean {
  return a.length === b.length && a.every((node, index) => node === b[index]);
}

function isSameRow(a: Row | undefined, b: Row): boolean {
  return (
    a !== undefined &&
    a.label === b.label &&
    a.description === b.description &&
    a.icon.id === b.icon.id &&
    a.icon.color === b.icon.color &&
    a.contextValue === b.contextValue &&
    a.spoken === b.spoken &&
    a.isDimmed === b.isDimmed &&
    a.hasChildren === b.hasChildren
  );
}
