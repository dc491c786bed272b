import * as z from 'zod/mini';

/** Why a session is ended automatically: idle for too long, or done with what was queued. Stands in files. */
export const EndReason = z.lazy(() => z.enum(['idle', 'finished']));
export type EndReason = z.infer<typeof EndReason>;

/** What the guardian is to do about one session. */
export interface Wish {
  readonly keepAlive: boolean;
  /** Minutes; undefined is never. */
  readonly endWhenIdle: number | undefined;
  readonly finishThenEnd: boolean;
}

export const NO_WISH: Wish = { keepAlive: false, endWhenIdle: undefined, finishThenEnd: false };

/** What was asked for about one session; the rest is as the settings say. */
export const WishChange = z.lazy(() =>
  z.object({
    keepAlive: z.optional(z.boolean()),
    /** Minutes; 0 is never, whatever the settings say. */
    endWhenIdle: z.optional(z.number()),
    finishThenEnd: z.optional(z.boolean()),
  }),
);
export type WishChange = z.infer<typeof WishChange>;

export function wishFrom(usual: Wish, asked: WishChange | undefined): Wish {
  if (!asked) return usual;
  const { keepAlive = usual.keepAlive, endWhenIdle, finishThenEnd = usual.finishThenEnd } = asked;
  const minutes = endWhenIdle ?? usual.endWhenIdle;
  return { keepAlive, endWhenIdle: minutes === 0 ? undefined : minutes, finishThenEnd };
}
