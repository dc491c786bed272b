import type { ApiError } from '../api/errors';
import type { ReadySession } from '../state/snapshot';
import type { Warning } from './ladder';
import type { AtCeiling } from './policies/ceilings';
import type { Countdown, End } from './policies/endings';
import type { AtLimit, Extend } from './policies/keepAlive';
import type { Reminder } from './policies/reminder';

/** What the user has to be told. */
export type Announcement =
  | Warning
  | AtLimit
  | Reminder
  | AtCeiling
  /** It can be kept until then. Where its outputs may be saved first, the end may be put off. */
  | (Countdown & {
      readonly kind: 'countdown';
      readonly session: ReadySession;
      readonly putOffUntil: number | undefined;
    })
  | { readonly kind: 'extended'; readonly session: ReadySession; readonly endsAt: number }
  | { readonly kind: 'ended'; readonly session: ReadySession; readonly why: Countdown['why'] }
  | { readonly kind: 'failed'; readonly act: Extend | End; readonly error: ApiError };
