import type { Activity, SessionId, Work } from '../../src/comfydeploy/model';
import type { Sight } from '../../src/guardian/sight';
import { NO_WISH, type Wish } from '../../src/sessions/wishes';
import { NO_CEILINGS } from '../../src/spending/ceilings';
import { NOTHING_SPENT, NOW, ready } from './facts';
import { sessionId } from './setup';

export const rendering: Activity = { kind: 'rendering', queued: 0, since: NOW - 60_000 };
export const unknown: Activity = { kind: 'unknown' };
export const idleFor = (ms: number, now = NOW): Activity => ({ kind: 'idle', since: now - ms });

/** What was read of one session called `one`. */
export const work = (activity: Activity, readAt = NOW, id = 'one'): ReadonlyMap<SessionId, Work> =>
  new Map([[sessionId(id), { activity, vram: undefined, readAt }]]);

export const wishing = (wish: Partial<Wish>) => ({ wishOf: () => ({ ...NO_WISH, ...wish }) });

/** A moment of which everything is known, and in which nothing is wished. */
export function sight(overrides: Partial<Sight> = {}): Sight {
  const now = overrides.now ?? NOW;
  return {
    ready: ready({ asOf: now }),
    now,
    localNow: now,
    work: new Map(),
    wishOf: () => NO_WISH,
    inUse: new Set(),
    saving: new Set(),
    spending: NOTHING_SPENT,
    ceilings: NO_CEILINGS,
    isRead: true,
    away: undefined,
    warnAt: [15, 5, 1],
    watchOthers: false,
    keepAliveUpTo: 60,
    addedByHand: () => 0,
    limitOf: () => undefined,
    ...overrides,
  };
}
