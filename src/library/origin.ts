import * as z from 'zod/mini';
import { WorkflowId } from '../comfydeploy/library';
import type { Graph, Workflow } from '../comfyui/workflow';
import { digestOf } from '../platform/digest';
import type { Memory } from '../platform/memory';
import { stepsOf, type Slices } from '../platform/slices';
import { spelledLike } from '../platform/spelling';
import { fieldsOf } from '../workflows/nodeDefs';
import { partsOfGraph, partsOfPrompt } from './parts';

const Uuid = z.lazy(() => z.string().check(z.regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i)));
/** Anybody may have written it into a file, and parts of it are sent to the server. */
const Origin = z.lazy(() =>
  z.object({
    workflow: z.pipe(Uuid, WorkflowId),
    version: z.int().check(z.minimum(1)),
    id: Uuid,
    digest: z.string().check(z.regex(/^[\da-f]{16}$/)),
  }),
);
/** The version that a file was, when it was last in step; the digest is of its content then. */
export type Origin = Readonly<z.output<typeof Origin>>;

/** Newest first; older versions of the extension keep only that. */
const Kept = z.lazy(() =>
  z.record(
    z.string(),
    z.union([
      z.array(Origin),
      z.pipe(
        Origin,
        z.transform((one) => [one]),
      ),
    ]),
  ),
);
const KEY = 'origins';
const MOST = 500;
/** Of one file. */
const MOST_BEFORE = 10;

/** Which version each file came from: noted in the file itself, or in the workspace's memory. */
export class Origins {
  constructor(private readonly memory: Memory) {}

  /**
   * The last one; but what is now in the file may be one from before, after an undo or a checkout.
   * @param address of the file.
   * @param digest of its content.
   */
  of(address: string, { graph }: Pick<Workflow, 'graph'>, digest: string): Origin | undefined {
    const noted = this.#all()[address] ?? [];
    return originIn(graph) ?? noted.find((one) => one.digest === digest) ?? noted[0];
  }

  async note(address: string, origin: Origin): Promise<void> {
    const { [address]: noted = [], ...others } = this.#all();
    const before = noted.filter(({ id }) => id !== origin.id).slice(0, MOST_BEFORE);
    const kept = Object.entries(others).slice(1 - MOST);
    await this.memory.update(KEY, Object.fromEntries([...kept, [address, [origin, ...before]]]));
  }

  /** What is done to the file from now on starts from this version, which it was before. */
  async recall(address: string, origin: Origin | undefined): Promise<void> {
    const noted = this.#all()[address] ?? [];
    const isBefore = noted.slice(1).some(({ id, digest }) => id === origin?.id && digest === origin.digest);
    if (origin && isBefore) await this.note(address, origin);
  }

  /** Files, or folders with all that is in them, have another address now, or none. */
  async move(moved: readonly { readonly from: string; readonly to: string | undefined }[]): Promise<void> {
    const all = Object.entries(this.#all());
    const now = all.flatMap(([address, noted]) => {
      const move = moved.find(({ from }) => address === from || address.startsWith(`${from}/`));
      const to = move ? move.to && move.to + address.slice(move.from.length) : address;
      return to === undefined ? [] : [[to, noted] as const];
    });
    if (now.some(([address], index) => address !== all[index]?.[0]) || now.length < all.length)
      await this.memory.update(KEY, Object.fromEntries(now));
  }

  #all(): Readonly<Record<string, readonly Origin[]>> {
    return z.safeParse(Kept, this.memory.get(KEY)).data ?? {};
  }
}

export function originIn(graph: Graph | undefined): Origin | undefined {
  return z.safeParse(Origin, fieldsOf(graph?.['extra'])['comfydeploy']).data;
}

/** The graph with this note, or without any. */
export function withOrigin(graph: Graph, origin: Origin | undefined): Graph {
  const extra = fieldsOf(graph['extra']);
  if (origin === undefined && !('comfydeploy' in extra)) return graph;
  const others = Object.entries(extra).filter(([name]) => name !== 'comfydeploy');
  const noted = spelledLike({ ...Object.fromEntries(others), ...(origin ? { comfydeploy: origin } : {}) }, extra);
  return spelledLike({ ...graph, extra: noted }, graph);
}

/** The same for workflows that differ in nothing but their spelling. @throws an `AbortError`. */
export async function digestOfWork(
  { graph, prompt }: Pick<Workflow, 'graph' | 'prompt'>,
  slices: Slices,
): Promise<string> {
  const parts = await stepsOf(graph ? partsOfGraph(graph) : partsOfPrompt(prompt ?? {})).inSlices(slices);
  const lines = [...parts].map(([key, { type, facts }]) =>
    JSON.stringify([key, type, ...[...facts].map(([name, { exact }]) => `${name} ${exact}`).sort()]),
  );
  return (await digestOf(lines.sort().join('\n'))).slice(0, 16);
}
