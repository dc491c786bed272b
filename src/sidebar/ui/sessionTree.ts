import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { SessionId } from '../../comfydeploy/model';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import { accountRow, accountTooltip, type OtherAccount } from '../accounts';
import { outputsTooltip, outputTooltip } from '../outputTooltip';
import { RowMemo } from '../rowMemo';
import type { Row, RowsInput, RowsSettings } from '../rows';
import type { Icon } from '../rowFields';
import { machineTooltip, sessionTooltip, type MachineTooltipInput, type SessionTooltipInput } from '../tooltips';
import type { Tooltip } from '../../platform/tooltip';
import type { SpendingLinesInput } from '../../spending/moneyText';
import { findSession, machinesOf } from '../../sessions/snapshot';
import { dimmedUri } from './dimming';
import { OpenedRows } from './openedRows';
import { TreeShape, type OutputNode, type TreeNode } from './treeShape';
import { emptyItem, explainItem, treeItem } from '../../platform/ui/shown';

export type { OutputNode, TreeNode } from './treeShape';

export interface SessionTreeInput extends RowsInput, SessionTooltipInput, MachineTooltipInput, SpendingLinesInput {}

/**
 * Turns rows into tree items, without fetching or deciding anything. Makes only the rows that VS Code requests, and
 * notifies it only of changes in those.
 */
export class SessionTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #openedOutputs = new vscode.EventEmitter<SessionId>();
  /** VS Code has requested the files of a session. */
  readonly onDidOpenOutputs = this.#openedOutputs.event;
  /** As of the last redraw. */
  #input: SessionTreeInput;
  readonly #shape = new TreeShape();
  readonly #opened: OpenedRows;
  readonly #memo = new RowMemo<TreeNode>();
  /** The accounts that are not in use, by scope, and their state as of the last redraw. */
  #others: ReadonlyMap<string, OtherAccount<SessionTreeInput>> = new Map();
  #inputs: ReadonlyMap<string, SessionTreeInput> = new Map();
  /** The rows that VS Code has drawn. */
  readonly #drawn = new Map<TreeNode, Row>();
  /**
   * What VS Code has. After `notified` (everything changed) it needs no further notice until it requests rows again.
   */
  #hold: 'nothing' | 'notified' | 'rows' = 'nothing';

  constructor(
    private readonly appState: () => SessionTreeInput,
    private readonly outputs: Pick<RecentOutputs, 'of' | 'sizeOf'>,
    private readonly settings: () => RowsSettings,
    private readonly others: () => readonly OtherAccount<SessionTreeInput>[],
  ) {
    this.#opened = new OpenedRows(outputs);
    this.#input = this.#look();
  }

  /** All rows, parents before their children; each is made when the iterator reaches it. */
  *rows(): Iterable<Row> {
    for (const node of this.#shape.places.keys()) {
      const row = this.#rowOf(node);
      if (row) yield row;
    }
  }

  redraw(): void {
    const hold = this.#hold;
    const before = hold === 'rows' ? ([this.#shape.children, this.#opened.children] as const) : undefined;
    this.#input = this.#look();
    this.#opened.redraw((node) => this.#rowOf(node)?.hasChildren === true, this.#input.now);
    if (hold === 'nothing') this.#notifyAll();
    if (!before) return;
    const isAsBefore = (node?: TreeNode) => isSameList(childrenIn(before, node), this.#childrenOf(node));
    if (!isAsBefore()) return this.#notifyAll();
    const changed: TreeNode[] = [];
    for (const [node, drawn] of this.#drawn) {
      const row = this.#rowOf(node);
      if (!row) this.#drawn.delete(node);
      else if (row !== drawn || !isAsBefore(node)) {
        this.#drawn.set(node, row);
        changed.push(node);
      }
    }
    if (changed.length > 0) this.#changed.fire(changed);
  }

  getChildren(parent?: TreeNode): TreeNode[] {
    this.#hold = 'rows';
    if (parent?.kind === 'session' && !this.#opened.has(parent) && this.#rowOf(parent)?.hasChildren)
      this.#opened.open(parent, parent.sessionId, this.#input.now);
    if (parent?.kind === 'outputs') this.#openedOutputs.fire(parent.sessionId);
    return [...this.#childrenOf(parent)];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.#opened.parentOf(node) ?? this.#shape.parentOf(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const row = this.#rowOf(node);
    if (!row) return emptyItem(); // gone since VS Code asked for it; the next redraw removes it
    this.#drawn.set(node, row);
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const isClosed = row.kind === 'session';
    const item = treeItem(row, !row.hasChildren ? None : isClosed ? Collapsed : Expanded);
    // VS Code keeps a known row collapsed when it gets its first child, which would hide the session; a new id avoids
    // that.
    item.id = row.hasChildren && !isClosed ? `${row.id}+` : row.id;
    item.iconPath = iconOf(row.icon);
    item.contextValue = row.contextValue;
    if (row.isDimmed) item.resourceUri = dimmedUri(row.id);
    // Without arguments, since VS Code forgets them while it redraws the row, and a click at that moment would fail.
    if (isOpenable(row)) item.command = { command: 'comfydeploy.openRow', title: l10n.t('Open') };
    return item;
  }

  /** Made when the pointer rests on a row, so that the figures are current. */
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
    // the tooltip is useful without the size
    const size = await this.outputs.sizeOf(sessionId, file).catch(() => undefined);
    explainItem(item, outputTooltip(sessionId, file, size, { outputsOf: this.outputs.of }));
    return item;
  }

  #tooltipOf(node: Exclude<TreeNode, OutputNode>): Tooltip | undefined {
    const other = 'account' in node ? this.#others.get(node.account ?? '') : undefined;
    if (node.kind === 'account') return other && accountTooltip(other);
    const input = (other?.appState ?? this.appState)();
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

  #look(): SessionTreeInput {
    const input = this.appState();
    this.#others = new Map(this.others().map((other) => [other.scope, other]));
    this.#inputs = new Map([...this.#others].map(([scope, { appState }]) => [scope, appState()]));
    this.#shape.follow(input.snapshot, { ...this.settings(), prices: input.prices }, this.#inputs);
    return input;
  }

  #notifyAll(): void {
    this.#hold = 'notified';
    this.#drawn.clear();
    this.#changed.fire(undefined);
  }

  #rowOf(node: TreeNode): Row | undefined {
    const place = this.#shape.places.get(node);
    if (place?.kind === 'account') {
      const other = this.#others.get(place.account);
      return other && this.#memo.keep(node, accountRow(other));
    }
    const input = 'account' in node ? this.#inputs.get(node.account ?? '') : this.#input;
    if (!place || input?.snapshot.kind !== 'ready') return this.#opened.rows.get(node);
    return this.#memo.of(node, place, input.snapshot, input);
  }

  #childrenOf(node?: TreeNode): readonly TreeNode[] {
    return childrenIn([this.#shape.children, this.#opened.children], node);
  }
}

type Children = ReadonlyMap<TreeNode | undefined, readonly TreeNode[]>;

function childrenIn([shape, opened]: readonly [Children, Children], node?: TreeNode): readonly TreeNode[] {
  return shape.get(node) ?? opened.get(node) ?? NONE;
}

const NONE: readonly TreeNode[] = [];

function iconOf({ id, color, picture }: Icon): vscode.IconPath {
  if (picture !== undefined) return vscode.Uri.parse(picture);
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** Whether a click does something. */
function isOpenable({ kind, contextValue }: Row): boolean {
  return kind === 'output' || kind === 'noOutputs' || contextValue.includes('+open');
}

function isSameList(a: readonly TreeNode[], b: readonly TreeNode[]): boolean {
  return a === b || (a.length === b.length && a.every((node, index) => node === b[index]));
}
