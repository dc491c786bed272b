import type { SessionId } from '../../comfydeploy/model';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import { outputRowsOf, type OutputRow } from '../outputRows';
import { isSameRow } from '../rowMemo';
import { newOutputNode, type TreeNode } from './treeShape';

/** The rows below sessions that have been expanded. */
export class OpenedRows {
  readonly #opened = new Map<TreeNode, SessionId>();
  #nodes = new Map<string, TreeNode>();
  rows: ReadonlyMap<TreeNode, OutputRow> = new Map();
  children: ReadonlyMap<TreeNode, readonly TreeNode[]> = new Map();
  readonly #parents = new Map<TreeNode, TreeNode>();

  constructor(private readonly outputs: Pick<RecentOutputs, 'of'>) {}

  has(node: TreeNode): boolean {
    return this.#opened.has(node);
  }

  open(node: TreeNode, session: SessionId, now: number): void {
    this.#opened.set(node, session);
    this.redraw(() => true, now);
  }

  parentOf(node: TreeNode): TreeNode | undefined {
    return this.#parents.get(node);
  }

  /** @param isOpen whether there is anything below a session's row. */
  redraw(isOpen: (node: TreeNode) => boolean, now: number): void {
    for (const node of this.#opened.keys()) if (!isOpen(node)) this.#opened.delete(node);
    if (this.#opened.size + this.rows.size === 0) return;
    const before = this.rows;
    const [rows, nodes] = [new Map<TreeNode, OutputRow>(), new Map<string, TreeNode>()];
    const children = new Map<TreeNode, TreeNode[]>();
    this.#parents.clear();
    for (const [opened, session] of this.#opened) {
      for (const row of outputRowsOf(session, opened.id, { outputsOf: this.outputs.of, now })) {
        const node = this.#nodes.get(row.id) ?? newOutputNode(row);
        const known = before.get(node);
        rows.set(node, known && isSameRow(known, row) ? known : row);
        nodes.set(row.id, node);
        const parent = nodes.get(row.parent ?? '') ?? opened;
        children.set(parent, [...(children.get(parent) ?? []), node]);
        this.#parents.set(node, parent);
      }
    }
    [this.rows, this.children, this.#nodes] = [rows, children, nodes];
  }
}
