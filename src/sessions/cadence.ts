import type { Session } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { buildOf } from './builds';
import { untilRetry } from './problems';
import { isStale, type Ready, type Snapshot } from './snapshot';
import { SECOND } from '../platform/units';

/** A snapshot younger than this is not fetched again just because the user looks. */
const FRESH = 5 * SECOND;

/** Whether it is worth a request when the user looks. @param now local clock, ms. */
export function isWorthALook(snapshot: Snapshot, now: number): boolean {
  if (snapshot.kind === 'signedOut') return false; // the key ring notifies when that changes
  return snapshot.kind !== 'ready' || snapshot.problem !== undefined || isOlder(snapshot.asOf, FRESH, now);
}

/** Minimum wait after a list could not be read. */
const AFTER_A_LIST = 5 * SECOND;

/**
 * How long to wait before the next request, ms; undefined: until something wakes us.
 * @param isWatched somebody can see what we show. @param now local clock, ms.
 */
export function restAfter(snapshot: Snapshot, isWatched: boolean, now: number): number | undefined {
  if (snapshot.kind === 'signedOut' || snapshot.kind === 'loading') return undefined;
  const { problem } = snapshot;
  const retry = problem && untilRetry(problem, now);
  const hasRetryAfter = problem?.error.retryAfter !== undefined;
  if (snapshot.kind === 'failed' || hasRetryAfter || isStale(snapshot)) return retry;
  const rest = restOf(snapshot, isWatched, now);
  // Sessions known without the failed list need frequent looks, but the failing list should not be asked that often.
  return problem ? Math.max(AFTER_A_LIST, Math.min(rest ?? Infinity, retry ?? Infinity)) : rest;
}

function restOf(snapshot: Ready, isWatched: boolean, now: number): number | undefined {
  if (snapshot.sessions.some(isInTransit)) return 3 * SECOND;
  if (snapshot.sessions.some(isInDoubt)) return 10 * SECOND;
  if (snapshot.isUnsettled) return 5 * SECOND;
  const isBuilding = snapshot.machines.some((machine) => buildOf(machine, now) === 'building');
  if (snapshot.sessions.length > 0 || isBuilding) return isWatched ? 15 * SECOND : 60 * SECOND;
  return isWatched ? 60 * SECOND : undefined;
}

/** A session of an old machine has no deadline from the start: a missing page is the only sign that it is starting. */
function isInTransit(session: Session): boolean {
  const isStarting = session.phase === 'starting' || (session.phase === 'undated' && session.url === undefined);
  const isEnding = session.phase === 'ending' && (session.doubt ?? { kind: 'tooSoon' }).kind === 'tooSoon';
  return isStarting || isEnding;
}

/** Closed by the server, and its container may still start. */
function isInDoubt(session: Session): boolean {
  return session.phase === 'ending' && session.doubt?.kind === 'unproven';
}

/** The leader has missed its turn when it is silent for twice its rest and this. */
const SLACK = 10 * SECOND;

/** How long a window that is not the leader waits for news. @param rest of the leader. */
export function patienceOf(rest: number | undefined): number | undefined {
  return rest === undefined ? undefined : 2 * rest + SLACK;
}

/** What another window learned this recently may be shown first in a new window. @param now local clock, ms. */
export function isFreshEnough(asOf: number, now: number): boolean {
  return !isOlder(asOf, 90 * SECOND, now);
}
