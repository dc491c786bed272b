import type { Activity, SessionId, Work } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import type { EndReason, GuardPreferences } from '../sessions/preferences';
import type { Ready, ReadySession } from '../sessions/snapshot';
import type { SpendingLimits } from '../spending/spendingLimits';
import type { Spending } from '../spending/spending';
import type { Away } from '../windows/lastSeen';
import { MINUTE } from '../platform/units';

/** Why nothing more is added to a session: the minutes, a limit of money, a price that nobody knows, or the free plan. */
export type Limit = 'minutes' | 'session' | 'day' | 'month' | 'price' | 'plan';

/** Everything of one moment that the guardian judges by. */
export interface GuardInput {
  /** Server time, ms. */
  readonly now: number;
  /** In [0, 1), another in each window: so two that know nothing of each other do not act in the same moment. */
  readonly stagger: number;
  /** Local clock, ms. */
  readonly localNow: number;
  readonly ready: Ready;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  readonly presence: PresenceInput;
  readonly audience: AudienceInput;
  readonly guardSettings: GuardSettingsInput;
  readonly money: MoneyInput;
}

/** What all windows of the account do. */
interface PresenceInput {
  /** Sessions whose tab is in front of a window in use. */
  readonly inUse: ReadonlySet<SessionId>;
  /** Sessions whose outputs are being saved. */
  readonly saving: ReadonlySet<SessionId>;
}

interface AudienceInput {
  /** Somebody is there to read a notice. */
  readonly isRead: boolean;
  /** Undefined while it is not known yet what that has cost. */
  readonly away: Away | undefined;
  /** Minutes before the end. */
  readonly warnAt: readonly number[];
}

interface GuardSettingsInput {
  /** Warn of the ends of other members' sessions, too. */
  readonly watchOthers: boolean;
  /** Minutes that may be added to one session in all. */
  readonly keepAliveUpTo: number;
  readonly lease: LeaseSettings;
}

export interface LeaseSettings {
  /** How long one lasts. */
  readonly minutes: number;
  /** So long it is renewed at most. */
  readonly mostHours: number;
}

interface MoneyInput {
  /** Added up only where somebody asks for it. */
  readonly spending: Spending;
  readonly spendingLimits: SpendingLimits;
  /** Minutes that the user has added to one themselves. */
  readonly addedByHand: (id: SessionId) => number;
  /** Which limit another so many minutes would break. */
  readonly limitOf: (
    session: Pick<ReadySession, 'id' | 'gpu' | 'createdAt' | 'endsAt'>,
    minutes: number,
  ) => Exclude<Limit, 'minutes'> | undefined;
}

/** A session should end now, as far as is known for certain. */
export interface EndDue {
  readonly kind: 'endDue';
  readonly session: ReadySession;
  readonly why: EndReason;
  /** Server time, ms. */
  readonly idleSince: number;
}

/** The end of a session is taken care of: it is not warned of. */
export interface Attended {
  readonly kind: 'attended';
  readonly id: SessionId;
}

/** What a policy finds for those that are asked after it. */
export type Finding = EndDue | Attended;

/** Older readings say nothing about now. */
const FRESH = MINUTE;

/** What the session is doing, as far as that is known now: an old reading is no reading. */
export function activityOf({ work, now }: Pick<GuardInput, 'work' | 'now'>, id: SessionId): Activity {
  const read = work.get(id);
  return read === undefined || isOlder(read.readAt, FRESH, now) ? { kind: 'unknown' } : read.activity;
}

/** Since when nothing runs, server time, ms; undefined unless that is certain and nobody uses the session. */
export function unneededSince(input: Pick<GuardInput, 'work' | 'now' | 'presence'>, id: SessionId): number | undefined {
  const activity = activityOf(input, id);
  return activity.kind === 'idle' && !input.presence.inUse.has(id) ? activity.since : undefined;
}
