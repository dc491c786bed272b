import { knownStart, type Session } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** Deadlines that differ by less, ms, are the same: the server rounds. */
const SAME = 2_000;
/** An end this close to the deadline, ms, was caused by it. */
const MARGIN = 15_000;

export function isSameEnd(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME;
}

/** Server time, ms; infinity if the end is not known. */
export function endOrNever(session: Session): number {
  return 'endsAt' in session ? session.endsAt : Number.POSITIVE_INFINITY;
}

/** Sorted by end, the earliest first. */
export function nextToEnd(sessions: readonly Session[]): readonly Session[] {
  return [...sessions].sort((a, b) => endOrNever(a) - endOrNever(b));
}

/** Whether a session that ended at that time ended because of its deadline. Server times, ms. */
export function isByDeadline(endsAt: number, endedAt: number): boolean {
  return endsAt - endedAt <= MARGIN;
}

/**
 * How long before its end a session's warning is due, ms: at most a quarter of its whole length, or a short session
 * would be warned about from its beginning. Without a known start: the wanted minutes.
 */
export function warningLead(session: Session & { readonly endsAt: number }, minutes: number): number {
  const start = knownStart(session);
  const quarter = start === undefined ? Number.POSITIVE_INFINITY : (session.endsAt - start) / 4;
  return Math.min(minutes * MINUTE, Math.max(0, quarter));
}
