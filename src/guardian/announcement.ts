import type { ApiError } from '../platform/errors';
import type { Session } from '../comfydeploy/model';
import type { ReadySession } from '../sessions/snapshot';
import type { Warning } from './ladder';
import type { AtSpendingLimit } from './spendingLimits';
import type { Countdown, End } from './countdown';
import type { AtLimit, Extend } from './keepAlive';
import type { AtLeaseLimit, Renew, Uncovered } from './lease';
import type { Reminder } from './reminder';

/** What is announced to the user. */
export type Announcement =
  | Warning
  | AtLimit
  | Reminder
  | AtSpendingLimit
  | AtLeaseLimit
  | Uncovered
  /**
   * The session ends automatically at `endsAt` unless the user keeps it. `putOffUntil`: how long saving outputs may
   * delay that.
   */
  | (Countdown & {
      readonly kind: 'countdown';
      readonly session: ReadySession;
      readonly putOffUntil: number | undefined;
    })
  | { readonly kind: 'extended'; readonly session: ReadySession; readonly endsAt: number }
  | {
      readonly kind: 'ended';
      readonly session: Session;
      /** `time`: nobody ended it. */
      readonly why: Countdown['why'] | 'time';
      /** Whole minutes. */
      readonly idleMinutes: number;
    }
  /** Its queue could not be read, so it was renewed without knowing whether it is needed. */
  | { readonly kind: 'renewedBlind'; readonly session: Session; readonly endsAt: number }
  | { readonly kind: 'failed'; readonly act: Extend | End | Renew; readonly error: ApiError };
