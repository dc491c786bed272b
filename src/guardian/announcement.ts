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
  /** It can be kept until then. Where its outputs may be saved first, the end may be put off. */
  | (Countdown & {
      readonly kind: 'countdown';
      readonly session: ReadySession;
      readonly putOffUntil: number | undefined;
    })
  | { readonly kind: 'extended'; readonly session: ReadySession; readonly endsAt: number }
  | {
      readonly kind: 'ended';
      readonly session: ReadySession;
      readonly why: Countdown['why'];
      /** Whole. */
      readonly idleMinutes: number;
    }
  /** Its queue could not be read, so that nobody knows whether it was needed. */
  | { readonly kind: 'renewedBlind'; readonly session: Session; readonly endsAt: number }
  | { readonly kind: 'failed'; readonly act: Extend | End | Renew; readonly error: ApiError };
