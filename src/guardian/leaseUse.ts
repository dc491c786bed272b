import { knownOf } from '../activity/activity';
import type { Session, SessionId } from '../comfydeploy/model';
import { isOwn, type Ready } from '../sessions/snapshot';
import type { GuardPreferences } from '../sessions/preferences';
import { activityOf, type GuardInput, type LeaseSettings } from './guardInput';
import { expectedEnd } from './queueCover';
import { MINUTE } from '../platform/units';

/** How long a starting session counts as in use, ms: the server itself gives up after ten minutes. */
const LONGEST_START = 12 * MINUTE;

/** A session whose end can be moved. */
export type Leasable = Extract<Session, { readonly phase: 'starting' | 'ready' }>;

export function leasable({ sessions, account }: Ready): readonly Leasable[] {
  return sessions.filter(
    (session): session is Leasable =>
      (session.phase === 'ready' || session.phase === 'starting') && isOwn(account, session),
  );
}

/** Idle minutes after which a session is not needed any more: the user's preference, or the length of its lease. */
export function idleMinutesOf(
  preferences: Pick<GuardPreferences, 'endWhenIdle' | 'lease'>,
  lease: LeaseSettings,
): number | undefined {
  return preferences.endWhenIdle ?? (preferences.lease === undefined ? undefined : lease.minutes);
}

/** The lease should have been renewed before this much is left, ms. */
export function lastThirdOf({ minutes }: LeaseSettings): number {
  return (minutes * MINUTE) / 3;
}

export interface Want {
  /** The wanted end, server time, ms. */
  readonly until: number;
  /** In use, rendering, or starting. */
  readonly isInUse: boolean;
  /** Its queue takes longer than one lease. */
  readonly isCovering: boolean;
  /** Its queue cannot be read, so it is not known whether it is needed. */
  readonly isBlind: boolean;
}

type UseInput = Pick<GuardInput, 'now' | 'work' | 'presence' | 'preferencesOf' | 'guardSettings'>;

/**
 * The wanted end of a session on a lease: one lease from now while it is in use, but no later than its idle time allows
 * after the last use; while it renders, the expected end of its queue. An unreadable queue gets one lease, once.
 * @param usedAt when the user last kept it or was seen using it, server time, ms. @param wasBlind it already had that
 * one lease.
 */
export function wantOf(
  session: Leasable,
  { usedAt, wasBlind }: { readonly usedAt: number | undefined; readonly wasBlind: boolean },
  input: UseInput,
): Want | undefined {
  const { now, guardSettings, work } = input;
  const preferences = input.preferencesOf(session.id);
  if (!preferences.lease) return undefined;
  const lease = guardSettings.lease.minutes * MINUTE;
  const idle = (idleMinutesOf(preferences, guardSettings.lease) ?? 0) * MINUTE;
  const lastUse = Math.min(now, lastUseOf(session, usedAt, input));
  const isRendering = activityOf(input, session.id).kind === 'rendering';
  const expected = isRendering ? expectedEnd(work.get(session.id), now) : undefined;
  const isInUse = lastUse === now;
  const usual = isInUse ? now + lease : Math.min(now + lease, lastUse + idle);
  // Seen in use shortly before, so no guess is needed.
  if (!wasBlind && usual < now + (lease * 2) / 3 && isUnreadable(session.id, input))
    return { until: now + lease, isInUse: false, isCovering: false, isBlind: true };
  if (usual <= now) return undefined;
  const isCovering = expected !== undefined && expected > usual;
  return { until: isCovering ? expected : usual, isInUse, isCovering, isBlind: false };
}

/** It was asked and did not answer. A session that was not asked yet does not count: it will be, soon. */
export function isUnreadable(id: SessionId, { work }: Pick<GuardInput, 'work'>): boolean {
  return work.get(id)?.activity.kind === 'unknown';
}

function lastUseOf(session: Leasable, usedAt: number | undefined, input: UseInput): number {
  const { now, presence, work, preferencesOf } = input;
  const { id, createdAt, phase } = session;
  const began = Math.max(createdAt ?? 0, preferencesOf(id).lease?.since ?? 0);
  if (presence.inUse.has(id) || activityOf(input, id).kind === 'rendering') return now;
  if (phase === 'starting') return now - began < LONGEST_START ? now : began;
  const read = work.get(id);
  const known = read && knownOf(read);
  const worked = known === undefined ? 0 : known.kind === 'idle' ? known.since : (read?.readAt ?? 0);
  return Math.max(began, usedAt ?? 0, worked);
}
