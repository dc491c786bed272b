import type { Activity, SessionId, Work } from '../comfydeploy/model';
import type { Ceilings } from '../spending/ceilings';
import type { Spending } from '../spending/spending';
import { isOlder } from '../platform/age';
import type { Ready, ReadySession } from '../sessions/snapshot';
import type { Away } from '../windows/lastSeen';
import type { Wish } from '../sessions/wishes';

/** Why nothing more is added to a session: the minutes, a ceiling of money, or a price that nobody knows. */
export type Limit = 'minutes' | 'session' | 'day' | 'month' | 'price';

export interface SightInput {
  /** Server time, ms. */
  readonly now: number;
  /** Local clock, ms. */
  readonly localNow: number;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly wishOf: (id: SessionId) => Wish;
  readonly spending: Spending;
  readonly ceilings: Ceilings;
}

/** Everything of one moment that the guardian judges by. */
export interface Sight extends SightInput {
  readonly ready: Ready;
  /** Sessions whose tab is in front of a window in use. */
  readonly inUse: ReadonlySet<SessionId>;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
  /** Somebody is there to read a notice. */
  readonly isRead: boolean;
  /** Undefined while it cannot be told yet what that has cost. */
  readonly away: Away | undefined;
  readonly warnAt: readonly number[];
  readonly watchOthers: boolean;
  /** Minutes that may be added to one session in all. */
  readonly keepAliveUpTo: number;
  /** Minutes that the user has added to one themselves. */
  readonly addedByHand: (id: SessionId) => number;
  /** Which ceiling of money another so many minutes would break. */
  readonly limitOf: (session: ReadySession, minutes: number) => Exclude<Limit, 'minutes'> | undefined;
}

/** As the facts of one moment are. Money is added up only where somebody asks for it. */
export function sightFrom(known: SightInput, ready: Ready, more: Omit<Sight, keyof SightInput | 'ready'>): Sight {
  const { now, localNow, work, wishOf, ceilings } = known;
  return {
    ...more,
    ready,
    now,
    localNow,
    work,
    wishOf,
    ceilings,
    get spending() {
      return known.spending;
    },
  };
}

/** Older readings say nothing about now. */
const FRESH = 60_000;

/** What the session is doing, as far as that is known now: an old reading is no reading. */
export function activityOf({ work, now }: Pick<Sight, 'work' | 'now'>, id: SessionId): Activity {
  const read = work.get(id);
  return read === undefined || isOlder(read.readAt, FRESH, now) ? { kind: 'unknown' } : read.activity;
}
