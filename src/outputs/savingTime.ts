import { timeNeeded, type SaveProgress } from './transferProgress';
import type { Session, SessionId } from '../comfydeploy/model';
import { isSameEnd } from '../sessions/deadline';
import { isOwn, type Ready } from '../sessions/snapshot';

/** How long before its end a session's outputs are saved automatically, ms. */
const LEAD = 180_000;
/** Time to spare at the end, ms. */
const MARGIN = 10_000;

type Dated = Extract<Session, { phase: 'ready' }>;

/** The end before which each session's outputs were saved, server time, ms. */
export type SavedEnds = ReadonlyMap<SessionId, number>;

/** @param now server time, ms. @param needed how long saving is known to take, ms. */
export function isDueToSave({ endsAt }: Pick<Dated, 'endsAt'>, now: number, needed = 0): boolean {
  const left = endsAt - now;
  return left > 0 && left <= Math.max(LEAD, needed + MARGIN);
}

/** The user's own sessions that are about to end, each once for every end. */
export function dueToSave({ sessions, account }: Ready, now: number, saved: SavedEnds): readonly Dated[] {
  return sessions.filter((session): session is Dated => {
    if (session.phase !== 'ready' || !isOwn(account, session)) return false;
    const before = saved.get(session.id);
    const isNews = before === undefined || !isSameEnd(before, session.endsAt);
    return isNews && isDueToSave(session, now);
  });
}

/** The user's own sessions that are about to be ended automatically. */
export function announcedToEnd(
  { sessions, account }: Ready,
  countdowns: ReadonlyMap<SessionId, number>,
): readonly Dated[] {
  if (countdowns.size === 0) return [];
  return sessions.filter(
    (session): session is Dated => session.phase === 'ready' && countdowns.has(session.id) && isOwn(account, session),
  );
}

/** Whether the session will end before everything is saved. @param left until its end, ms. */
export function isShortOfTime(progress: SaveProgress, left: number): boolean {
  const needed = timeNeeded(progress);
  return needed !== undefined && needed > 0 && needed + MARGIN > left;
}
