import * as z from 'zod/mini';
import { ListWire } from '../platform/unread';
import { largestOf } from '../platform/extremes';

// What ComfyUI answers, of which any version may run in a session: every field may be missing.

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
  /** ComfyUI's clock, ms; undefined where it keeps no times. */
  readonly at: number | undefined;
}

const Entry = z.lazy(() => z.object({ status: z.object({ messages: ListWire }) }));
/** An object of whatever: a schema for each member of a hostile one would take long. */
export const ObjectWire = z.lazy(() => z.custom<Readonly<Record<string, unknown>>>(isObject));

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Its members; none for whatever is no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A run has some five. Of endless ones the first and the last tell when it began, and how it ended. */
const MOST_MESSAGES = 500;

/** The messages of a run that are looked at. */
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
      return id === undefined ? undefined : { id, at: finishOf(history[id]) };
    }),
  ),
);

/** When a run was over, ComfyUI's clock, ms; undefined where it keeps no times. */
export function finishOf(entry: unknown): number | undefined {
  const parsed = z.safeParse(Entry, entry);
  const times = fewOf(parsed.data?.status.messages ?? []).flatMap((message) => {
    const [name, data] = listOf(message);
    const at = isObject(data) ? data['timestamp'] : undefined;
    return typeof name === 'string' && typeof at === 'number' && Number.isFinite(at) ? [at] : [];
  });
  return times.length === 0 ? undefined : largestOf(times);
}

/** Memory of a graphics card, bytes. */
export interface Vram {
  readonly used: number;
  readonly total: number;
}

const bytes = z.lazy(() => z.number().check(z.nonnegative()));
const Card = z.lazy(() => z.object({ type: z.optional(z.string()), vram_total: bytes, vram_free: bytes }));

/** Of the first device, which is the one that renders; undefined without a card, where the figures are the computer's own memory. */
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
