import * as z from 'zod/mini';

/**
 * Why a session is ended automatically: idle for too long, its queue is finished, or at a set time. Stored in files.
 */
export const EndReason = z.lazy(() => z.literal(['idle', 'finished', 'atTime']));
export type EndReason = z.infer<typeof EndReason>;

/** When a session is to end: once, at a server time in ms, or daily, at a local time in minutes of the day. */
export type EndAt =
  | { readonly kind: 'once'; readonly at: number }
  | { readonly kind: 'daily'; /** Since midnight. */ readonly minutes: number };

/** What the guardian is to do about one session. */
export interface GuardPreferences {
  readonly keepAlive: boolean;
  /** Minutes; undefined is never. */
  readonly endWhenIdle: number | undefined;
  readonly finishThenEnd: boolean;
  readonly endAt: EndAt | undefined;
  /** Rented in short steps, and renewed while it is in use. */
  readonly lease: Lease | undefined;
}

export interface Lease {
  /** When it was requested, server time, ms: its maximum length counts from there. */
  readonly since: number;
}

/** What the user asked for about one session; everything else follows the settings. */
export const PreferencesChange = z.lazy(() =>
  z.object({
    keepAlive: z.optional(z.boolean()),
    /** Minutes; 0 means never, regardless of the settings. */
    endWhenIdle: z.optional(z.number()),
    finishThenEnd: z.optional(z.boolean()),
    /** Server time, ms; `never`: never, regardless of the settings; `asSet`: follow the settings again. */
    endAt: z.optional(z.union([z.number(), z.literal(['never', 'asSet'])])),
    /** When it was requested, server time, ms; 0 is none. */
    lease: z.optional(z.number()),
  }),
);
export type PreferencesChange = z.infer<typeof PreferencesChange>;

export function preferencesFrom(usual: GuardPreferences, asked: PreferencesChange | undefined): GuardPreferences {
  if (!asked) return usual;
  const { keepAlive = usual.keepAlive, endWhenIdle, finishThenEnd = usual.finishThenEnd } = asked;
  const minutes = endWhenIdle ?? usual.endWhenIdle;
  const endAt = endAtFrom(usual.endAt, asked.endAt);
  const lease = asked.lease === undefined ? usual.lease : asked.lease === 0 ? undefined : { since: asked.lease };
  return { keepAlive, endWhenIdle: minutes === 0 ? undefined : minutes, finishThenEnd, endAt, lease };
}

function endAtFrom(usual: EndAt | undefined, asked: PreferencesChange['endAt']): EndAt | undefined {
  switch (asked) {
    case undefined:
    case 'asSet':
      return usual;
    case 'never':
      return undefined;
    default:
      return { kind: 'once', at: asked };
  }
}
