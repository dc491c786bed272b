import type { Activity, SessionId, Work } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import type { EndReason, GuardPreferences } from '../sessions/preferences';
import type { Ready, ReadySession } from '../sessions/snapshot';
import type { SpendingLimits } from '../spending/spendingLimits';
import type { Spending } from '../spending/spending';
import type { Away } from '../windows/lastSeen';
import type { Doing } from '../spending/usages';
import { MINUTE } from '../platform/units';

/** Why a session is not extended further: the minutes, a spending limit, an unknown price, or the free plan. */
export type Limit = 'minutes' | 'session' | 'day' | 'month' | 'price' | 'plan';

/** Everything that policies judge by, at one moment. */
export interface GuardInput {
  /** Server time, ms. */
  readonly now: number;
  /**
   * In [0, 1), different in each window, so that two windows that do not know of each other do not act at the same
   * moment.
   */
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

/** From all windows of the account. */
interface PresenceInput {
  /** Sessions whose tab is in front of a window in use. */
  readonly inUse: ReadonlySet<SessionId>;
  /** Sessions whose outputs are being saved. */
  readonly saving: ReadonlySet<SessionId>;
}

interface AudienceInput {
  /** Whether somebody is present to read a notice. */
  readonly isRead: boolean;
  /** Undefined until the cost of that time is known. */
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
  /** The length of one lease. */
  readonly minutes: number;
  /** How long it is renewed at most. */
  readonly mostHours: number;
}

interface MoneyInput {
  /** Added up only when read. */
  readonly spending: Spending;
  readonly spendingLimits: SpendingLimits;
  /** Minutes that the user has added. */
  readonly addedByHand: (id: SessionId) => number;
  /** Which limit so many more minutes would exceed. */
  readonly limitOf: (
    session: Pick<ReadySession, 'id' | 'gpu' | 'createdAt' | 'endsAt'>,
    minutes: number,
  ) => Exclude<Limit, 'minutes'> | undefined;
}

/** A session should end now, and that is certain. */
export interface EndDue {
  readonly kind: 'endDue';
  readonly session: ReadySession;
  readonly why: EndReason;
  /** Server time, ms. */
  readonly idleSince: number;
}

/** The end of a session is taken care of, so it needs no warning. */
export interface Attended {
  readonly kind: 'attended';
  readonly id: SessionId;
}

/** What a policy passes on to the policies after it. */
export type Finding = EndDue | Attended;

/** The oldest reading that counts, ms. */
const FRESH = MINUTE;

/** What the session is doing; unknown if the reading is too old. */
export function activityOf({ work, now }: Pick<GuardInput, 'work' | 'now'>, id: SessionId): Activity {
  const read = work.get(id);
  return read === undefined || isOlder(read.readAt, FRESH, now) ? { kind: 'unknown' } : read.activity;
}

/** What it does now; undefined if that is not certain. */
export function doingNow(input: Pick<GuardInput, 'work' | 'now' | 'presence'>, id: SessionId): Doing | undefined {
  const { kind } = activityOf(input, id);
  if (kind !== 'idle') return kind === 'rendering' ? kind : undefined;
  return input.presence.inUse.has(id) ? 'active' : 'idle';
}

/** Since when nothing runs, server time, ms; undefined unless that is certain and nobody uses the session. */
export function unneededSince(input: Pick<GuardInput, 'work' | 'now' | 'presence'>, id: SessionId): number | undefined {
  const activity = activityOf(input, id);
  return activity.kind === 'idle' && !input.presence.inUse.has(id) ? activity.since : undefined;
}
