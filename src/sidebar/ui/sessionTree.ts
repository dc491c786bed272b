import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { MachineId, SessionId } from '../../comfydeploy/model';
import type { OutputFile } from '../../comfyui/outputs';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import { outputRowsOf } from '../outputRows';
import { outputsTooltip, outputTooltip } from '../outputTooltip';
import { rowsOf, type Row, type RowsInput, type RowsSettings } from '../rows';
import type { Icon } from '../rowFields';
import { machineTooltip, sessionTooltip, type MachineTooltipInput, type SessionTooltipInput } from '../tooltips';
import type { Tooltip } from '../../platform/tooltip';
import { findSession, machinesOf } from '../../sessions/snapshot';
import { dimmedUri } from './dimming';
import { ours } from '../../platform/ui/ours';
import { emptyItem, explainItem, treeItem } from '../../platform/ui/shown';

export interface SessionTreeInput extends RowsInput, SessionTooltipInput, MachineTooltipInput {}

/** What VS Code holds for a row and hands to commands: the same object as long as the row exists. */
export type TreeNode =
  | { readonly id: string; readonly kind: 'session'; readonly sessionId: SessionId }
  | { readonly id: string; readonly kind: 'machine'; readonly machineId: MachineId }
  | { readonly id: string; readonly kind: 'group' }
  | { readonly id: string; readonly kind: 'outputs' | 'noOutputs'; readonly sessionId: SessionId }
  | OutputNode;

export interface OutputNode {
  readonly id: string;
  readonly kind: 'output';
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

/** Turns rows into tree items. Fetches nothing and decides nothing; tells VS Code only of rows that changed. */
export class SessionTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #openedOutputs = new vscode.EventEmitter<SessionId>();
  /** VS Code has asked for the files of a session. */
  readonly onDidOpenOutputs = this.#openedOutputs.event;
  #rows: ReadonlyMap<string, Row> = new Map();
  #children: ReadonlyMap<string | undefined, readonly TreeNode[]> = new Map();
  readonly #nodes = new Map<string, TreeNode>();
  /** Rows of sessions that were opened once: what is below them is drawn from then on. */
  readonly #opened = new Map<string, SessionId>();

  constructor(
    private readonly appState: () => SessionTreeInput,
    private readonly outputs: Pick<RecentOutputs, 'of' | 'sizeOf'>,
    private readonly settings: () => RowsSettings,
  ) {
    this.redraw();
  }

  /** As they are drawn, parents before their children. */
  readonly rows = (): Iterable<Row> => this.#rows.values();

  redraw(): void {
    const before = { rows: this.#rows, children: this.#children };
    const input = this.appState();
    const top = rowsOf(input, this.settings());
    const rows = this.#opened.size === 0 ? top : [...top, ...this.#openedRows(top, input.now)];
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
    if (parent?.kind === 'session' && !this.#opened.has(parent.id)) this.#open(parent.id, parent.sessionId);
    if (parent?.kind === 'outputs') this.#openedOutputs.fire(parent.sessionId);
    return [...(this.#children.get(parent?.id) ?? [])];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    const parent = this.#rows.get(this.#rows.get(node.id)?.parent ?? '');
    return parent && this.#nodeOf(parent);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const row = this.#rows.get(node.id);
    if (!row) return emptyItem(); // gone since VS Code asked for it; the next redraw removes it
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const isClosed = row.kind === 'session';
    const item = treeItem(row, !row.hasChildren ? None : isClosed ? Collapsed : Expanded);
    // To VS Code the first child makes another row: it would keep the one it knows collapsed, and the session unseen.
    item.id = row.hasChildren && !isClosed ? `${row.id}+` : row.id;
    item.iconPath = iconOf(row.icon);
    item.contextValue = row.contextValue;
    if (row.isDimmed) item.resourceUri = dimmedUri(row.id);
    // With arguments VS Code would forget it while it draws the row anew, and fail a click at that moment.
    if (isOpenable(row)) item.command = { command: 'comfydeploy.openRow', title: l10n.t('Open') };
    return item;
  }

  /** Made when the pointer rests on a row, so that its figures are of that moment. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem | Promise<vscode.TreeItem> {
    if (node.kind === 'output') return this.#resolveOutput(item, node);
    const tooltip = this.#tooltipOf(node);
    if (tooltip) explainItem(item, tooltip);
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
    this.#openedOutputs.dispose();
  }

  async #resolveOutput(item: vscode.TreeItem, node: OutputNode): Promise<vscode.TreeItem> {
    const { sessionId, file } = node;
    const size = await this.outputs.sizeOf(sessionId, file).catch(() => undefined); // the rest is worth showing without it
    explainItem(item, outputTooltip(sessionId, file, size, { outputsOf: this.outputs.of }));
    return item;
  }

  #tooltipOf(node: Exclude<TreeNode, OutputNode>): Tooltip | undefined {
    const input = this.appState();
    const { snapshot } = input;
    if (snapshot.kind !== 'ready' || node.kind === 'group') return undefined;
    if (node.kind !== 'session' && node.kind !== 'machine')
      return outputsTooltip(node.sessionId, { outputsOf: this.outputs.of });
    if (node.kind === 'session') {
      const session = findSession(snapshot, node.sessionId);
      return session && sessionTooltip(session, snapshot, input);
    }
    const machine = machinesOf(snapshot).find(({ id }) => id === node.machineId);
    return machine && machineTooltip(machine, input);
  }

  /** VS Code asks for what is below it, now and from now on. */
  #open(row: string, session: SessionId): void {
    this.#opened.set(row, session);
    const rows = [...this.#rows.values(), ...this.#outputRows(row, session, this.appState().now)];
    this.#rows = new Map(rows.map((one) => [one.id, one]));
    this.#children = this.#group(rows);
  }

  #openedRows(top: readonly Row[], now: number): readonly Row[] {
    const open = new Set(top.flatMap(({ id, hasChildren }) => (hasChildren && this.#opened.has(id) ? [id] : [])));
    for (const id of this.#opened.keys()) if (!open.has(id)) this.#opened.delete(id);
    return [...this.#opened].flatMap(([row, session]) => this.#outputRows(row, session, now));
  }

  #outputRows(row: string, session: SessionId, now: number): readonly Row[] {
    return outputRowsOf(session, row, { outputsOf: this.outputs.of, now });
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
    const node = ours(newNode(row));
    this.#nodes.set(row.id, node);
    return node;
  }
}

function newNode(row: Row): TreeNode {
  if (row.kind === 'session') return { id: row.id, kind: row.kind, sessionId: row.sessionId };
  if (row.kind === 'machine') return { id: row.id, kind: row.kind, machineId: row.machineId };
  if (row.kind === 'group') return { id: row.id, kind: row.kind };
  if (row.kind === 'output') return { id: row.id, kind: row.kind, sessionId: row.sessionId, file: row.file };
  return { id: row.id, kind: row.kind, sessionId: row.sessionId };
}

function iconOf({ id, color, picture }: Icon): vscode.IconPath {
  if (picture !== undefined) return vscode.Uri.parse(picture);
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** Whether a click does something. */
function isOpenable({ kind, contextValue }: Row): boolean {
  return kind === 'output' || kind === 'noOutputs' || contextValue.includes('+open');
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
    a.icon.picture === b.icon.picture &&
    a.contextValue === b.contextValue &&
    a.ariaLabel === b.ariaLabel &&
    a.isDimmed === b.isDimmed &&
    a.hasChildren === b.hasChildren
  );
}
