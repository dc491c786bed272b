import * as z from 'zod/mini';
import { ListWire } from '../platform/unread';
import { largestOf, smallestOf } from '../platform/extremes';

// ComfyUI's answers. A session may run any version, so every field may be missing.

/** How many prompts run or wait. */
export const QueueWire = z.lazy(() =>
  z.pipe(
    z.object({ exec_info: z.object({ queue_remaining: z.number().check(z.nonnegative()) }) }),
    z.transform(({ exec_info }) => exec_info.queue_remaining),
  ),
);

/** The prompt that finished last. */
export interface Finished {
  readonly id: string;
  /** ComfyUI's clock, ms; undefined if ComfyUI keeps no times. */
  readonly at: number | undefined;
  /** Undefined unless it succeeded and ComfyUI keeps times. */
  readonly timing: Timing | undefined;
}

export interface Timing {
  /** From start to end, ms. */
  readonly took: number;
  /** Identifies its workflow. */
  readonly workflow: string;
}

/** How many nodes of a workflow, and letters of their classes, identify it. */
const DISTINGUISHING = { nodes: 1_000, letters: 64 } as const;

const Entry = z.lazy(() => z.object({ status: z.object({ messages: ListWire }) }));
/** Any object: a schema for each member of a hostile one would be slow. */
export const ObjectWire = z.lazy(() => z.custom<Readonly<Record<string, unknown>>>(isObject));

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a list; empty for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A run has about five. Of an endless list, the first and the last show its beginning and end. */
const MOST_MESSAGES = 500;

/** The messages of a run that are examined. */
export function fewOf(messages: readonly unknown[]): readonly unknown[] {
  return messages.length <= 2 * MOST_MESSAGES
    ? messages
    : [...messages.slice(0, MOST_MESSAGES), ...messages.slice(-MOST_MESSAGES)];
}

/** Entries are in the order in which they finished; undefined if there is none. */
export const NewestWire = z.lazy(() =>
  z.pipe(
    ObjectWire,
    z.transform((history): Finished | undefined => {
      const id = Object.keys(history).at(-1);
      return id === undefined ? undefined : { id, at: finishOf(history[id]), timing: timingOf(history[id]) };
    }),
  ),
);

/** How long a run took, and its workflow. */
export function timingOf(entry: unknown): Timing | undefined {
  const { status, prompt } = isObject(entry) ? entry : {};
  if (!isObject(status) || status['status_str'] !== 'success') return undefined;
  const times = timesIn(listOf(status['messages']));
  const took = times.length < 2 ? 0 : largestOf(times) - smallestOf(times);
  return took > 0 ? { took, workflow: workflowOf(listOf(prompt)[2]) } : undefined;
}

/** Identifies a prompt by the classes of its nodes, since seeds and texts change from run to run. */
export function workflowOf(prompt: unknown): string {
  const nodes = isObject(prompt) ? Object.values(prompt).slice(0, DISTINGUISHING.nodes) : [];
  const kinds = nodes.map((node) => {
    const kind = isObject(node) ? node['class_type'] : undefined;
    return typeof kind === 'string' ? kind.slice(0, DISTINGUISHING.letters) : '';
  });
  return kinds.sort().join(' ');
}

/** When a run ended, ComfyUI's clock, ms; undefined if ComfyUI keeps no times. */
export function finishOf(entry: unknown): number | undefined {
  const parsed = z.safeParse(Entry, entry);
  const times = timesIn(parsed.data?.status.messages ?? []);
  return times.length === 0 ? undefined : largestOf(times);
}

function timesIn(messages: readonly unknown[]): readonly number[] {
  return fewOf(messages).flatMap((message) => {
    const [name, data] = listOf(message);
    const at = isObject(data) ? data['timestamp'] : undefined;
    return typeof name === 'string' && typeof at === 'number' && Number.isFinite(at) ? [at] : [];
  });
}

/** Memory of a graphics card, bytes. */
export interface Vram {
  readonly used: number;
  readonly total: number;
}

const bytes = z.lazy(() => z.number().check(z.nonnegative()));
const Card = z.lazy(() => z.object({ type: z.optional(z.string()), vram_total: bytes, vram_free: bytes }));

/**
 * Of the first device, which renders; undefined without a card, where the figures would be those of the main memory.
 */
export const VramWire = z.lazy(() =>
  z.pipe(
    z.object({ devices: ListWire }),
    z.transform(({ devices }): Vram | undefined => {
      const card = z.safeParse(Card, devices[0]).data;
      if (!card || card.type === 'cpu' || card.vram_total === 0) return undefined;
      return { used: Math.max(0, card.vram_total - card.vram_free), total: card.vram_total };
    }),
  ),
);
