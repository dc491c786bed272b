import { knownOf } from '../activity/activity';
import type { Session, SessionId } from '../comfydeploy/model';
import { isOwn, type Ready } from '../sessions/snapshot';
import type { GuardPreferences } from '../sessions/preferences';
import { activityOf, type GuardInput, type LeaseSettings } from './guardInput';
import { expectedEnd } from './queueCover';
import { MINUTE } from '../platform/units';

/** So long a session that starts is waited for: the server itself gives up after ten minutes. */
const LONGEST_START = 12 * MINUTE;

/** A session whose end can be moved. */
export type Leasable = Extract<Session, { readonly phase: 'starting' | 'ready' }>;

export function leasable({ sessions, account }: Ready): readonly Leasable[] {
  return sessions.filter(
    (session): session is Leasable =>
      (session.phase === 'ready' || session.phase === 'starting') && isOwn(account, session),
  );
}

/** Idle minutes after which a session is not needed any more: as the user prefers, else as long as its lease. */
export function idleMinutesOf(
  preferences: Pick<GuardPreferences, 'endWhenIdle' | 'lease'>,
  lease: LeaseSettings,
): number | undefined {
  return preferences.endWhenIdle ?? (preferences.lease === undefined ? undefined : lease.minutes);
}

/** With so much left it should have been renewed, ms. */
export function lastThirdOf({ minutes }: LeaseSettings): number {
  return (minutes * MINUTE) / 3;
}

export interface Want {
  /** Where its end should be, server time, ms: nowhere if it is not needed. */
  readonly until: number;
  /** It is in use, or renders, or has begun to start. */
  readonly isInUse: boolean;
  /** What waits in its queue takes longer than a lease. */
  readonly isCovering: boolean;
  /** Nobody knows whether it is needed. */
  readonly isBlind: boolean;
}

type UseInput = Pick<GuardInput, 'now' | 'work' | 'presence' | 'preferencesOf' | 'guardSettings'>;

/**
 * How far a session on a lease should reach: a lease from now while it is in use, and no further than it may be idle
 * since it last was. While it renders, to where its queue is expected to be done. A queue that cannot be read is worth
 * one lease, once.
 * @param usedAt when the user last kept it or was seen to use it, server time, ms. @param wasBlind it had that one.
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
  // What was seen in use just before needs no guess.
  if (!wasBlind && usual < now + (lease * 2) / 3 && isUnreadable(session.id, input))
    return { until: now + lease, isInUse: false, isCovering: false, isBlind: true };
  if (usual <= now) return undefined;
  const isCovering = expected !== undefined && expected > usual;
  return { until: isCovering ? expected : usual, isInUse, isCovering, isBlind: false };
}

/** It was asked, and did not answer: one that was not asked yet will be, soon. */
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
