import * as z from 'zod/mini';
import { WorkflowId } from '../comfydeploy/library';
import type { Graph, Workflow } from '../comfyui/workflow';
import { digestOf } from '../platform/digest';
import type { Memory } from '../platform/memory';
import { stepsOf, type Slices } from '../platform/slices';
import { spelledLike } from '../platform/spelling';
import { fieldsOf } from '../workflows/nodeDefs';
import { partsOfGraph, partsOfPrompt } from './parts';

const Origin = z.lazy(() =>
  z.object({ workflow: WorkflowId, version: z.number(), id: z.string(), digest: z.string() }),
);
/** The version that a file was, when it was last in step; the digest is of its content then. */
export type Origin = Readonly<z.output<typeof Origin>>;

const Kept = z.lazy(() => z.record(z.string(), Origin));
const KEY = 'origins';
const MOST = 500;

/** Which version each file came from: noted in the file itself, or in the workspace's memory. */
export class Origins {
  constructor(private readonly memory: Memory) {}

  /** @param address of the file. */
  of(address: string, { graph }: Pick<Workflow, 'graph'>): Origin | undefined {
    return originIn(graph) ?? this.#all()[address];
  }

  async note(address: string, origin: Origin): Promise<void> {
    const others = Object.entries(this.#all()).filter(([key]) => key !== address);
    await this.memory.update(KEY, Object.fromEntries([...others.slice(1 - MOST), [address, origin]]));
  }

  #all(): Readonly<Record<string, Origin>> {
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
