import { knownStart, type Session } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** A deadline that moved by less is the same deadline: the server rounds. */
const SAME = 2_000;
/** An end this close to the deadline came from it. */
const MARGIN = 15_000;

export function isSameEnd(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME;
}

/** Server time, ms; beyond all others where nobody knows one. */
export function endOrNever(session: Session): number {
  return 'endsAt' in session ? session.endsAt : Number.POSITIVE_INFINITY;
}

/** Those that end first come first. */
export function nextToEnd(sessions: readonly Session[]): readonly Session[] {
  return [...sessions].sort((a, b) => endOrNever(a) - endOrNever(b));
}

/** Whether what ended at that time ended because of its deadline. Server times, ms. */
export function isByDeadline(endsAt: number, endedAt: number): boolean {
  return endsAt - endedAt <= MARGIN;
}

/**
 * How long before its end a warning is due that is wanted so many minutes before, ms: no more than a quarter of the whole
 * session, or a short one would be near its end from its beginning. Where nobody knows when it began, as wanted.
 */
export function warningLead(session: Session & { readonly endsAt: number }, minutes: number): number {
  const start = knownStart(session);
  const quarter = start === undefined ? Number.POSITIVE_INFINITY : (session.endsAt - start) / 4;
  return Math.min(minutes * MINUTE, Math.max(0, quarter));
}
