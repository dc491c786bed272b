import * as z from 'zod/mini';
import { largestOf } from '../extremes';

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

const Entry = z.lazy(() => z.object({ status: z.object({ messages: z.array(z.unknown()) }) }));
const Message = z.lazy(() => z.tuple([z.string(), z.looseObject({ timestamp: z.number() })]));

/** Entries are in the order in which they finished; undefined if there is none. */
export const NewestWire = z.lazy(() =>
  z.pipe(
    z.looseObject({}),
    z.transform((history): Finished | undefined => {
      const newest = Object.entries(history).at(-1);
      return newest && { id: newest[0], at: finishOf(newest[1]) };
    }),
  ),
);

/** When a run was over, ComfyUI's clock, ms; undefined where it keeps no times. */
export function finishOf(entry: unknown): number | undefined {
  const parsed = z.safeParse(Entry, entry);
  const times = (parsed.data?.status.messages ?? []).flatMap((message) => {
    const read = z.safeParse(Message, message);
    return read.success ? [read.data[1].timestamp] : [];
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
    z.object({ devices: z.array(z.unknown()) }),
    z.transform(({ devices }): Vram | undefined => {
      const card = z.safeParse(Card, devices[0]).data;
      if (!card || card.type === 'cpu' || card.vram_total === 0) return undefined;
      return { used: Math.max(0, card.vram_total - card.vram_free), total: card.vram_total };
    }),
  ),
);
