import type { Recent } from '../comfyui/shelf';
import type { Wish } from '../guard/wishes';
import type { Prices, SessionId, Work } from '../model';
import type { Ceilings } from '../money/ceilings';
import type { Spending } from '../money/spending';
import type { Snapshot } from '../state/snapshot';

/** Everything that a view is a projection of. */
export interface Facts {
  readonly snapshot: Snapshot;
  /** Server time, ms: what deadlines are compared with. */
  readonly now: number;
  /** Local clock, ms: what ages are compared with. */
  readonly localNow: number;
  /** Of the user's own sessions that have a page; one that is missing has not been looked at yet. */
  readonly work: ReadonlyMap<SessionId, Work>;
  /** What a session of the user's own has brought forth lately, as far as somebody has looked. */
  readonly outputsOf: (id: SessionId) => Recent;
  /** What the guardian is to do about a session. */
  readonly wishOf: (id: SessionId) => Wish;
  /** When sessions will be ended unless somebody needs them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly ceilings: Ceilings;
  readonly nameOf: (userId: string) => string | undefined;
  readonly showUnavailable: boolean;
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: readonly number[];
}
