import { itemTuple, type QueueItem } from './queue';

/** A message kept with its run, as the websocket sent it. */
export type StatusMessage = readonly [type: string, data: Readonly<Record<string, unknown>>];

export interface Run {
  readonly item: QueueItem;
  readonly ended: 'success' | 'error';
  /** Node id -> what the node shows; of a failed run, the nodes that had finished. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly messages: readonly StatusMessage[];
}

const MOST = 10_000;

/** Finished runs, oldest first. The same prompt id again replaces the earlier entry's content. */
export class History {
  readonly #runs = new Map<string, Run>();

  add(run: Run): void {
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MOST && oldest !== undefined) this.#runs.delete(oldest);
    this.#runs.set(run.item.promptId, run);
  }

  clear(): void {
    this.#runs.clear();
  }

  delete(promptId: string): void {
    this.#runs.delete(promptId);
  }

  get runs(): readonly Run[] {
    return [...this.#runs.values()];
  }

  /** `{id: entry}`, or `{}` for an id that is unknown, waiting or running. */
  one(promptId: string): ReadonlyMap<string, unknown> {
    const run = this.#runs.get(promptId);
    return new Map(run ? [[promptId, entry(run)]] : []);
  }

  /** The newest `maxItems`, or `maxItems` from the `offset`-th oldest on. */
  page(maxItems: number | undefined, offset: number | undefined): ReadonlyMap<string, unknown> {
    const all = [...this.#runs];
    const from = offset ?? (maxItems === undefined ? 0 : Math.max(0, all.length - Math.max(0, maxItems)));
    const count = maxItems === undefined ? all.length : Math.max(0, maxItems);
    return new Map(all.slice(from, from + count).map(([id, run]) => [id, entry(run)]));
  }
}

function entry({ item, ended, outputs, messages }: Run): unknown {
  const meta = Object.keys(outputs).map((id) => [
    id,
    { node_id: id, display_node: id, parent_node: null, real_node_id: id },
  ]);
  return {
    prompt: itemTuple(item),
    outputs,
    status: { status_str: ended, completed: ended === 'success', messages },
    meta: Object.fromEntries(meta),
  };
}
