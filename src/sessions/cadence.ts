import type { Session } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { buildOf } from './builds';
import { isStale, type Problem, type Ready, type Snapshot } from './snapshot';
import { SECOND } from '../platform/units';

/** What is younger than this need not be asked for again just because somebody looks. */
const FRESH = 5 * SECOND;

/** Whether a glance is worth a request. @param now local clock, ms. */
export function isWorthALook(snapshot: Snapshot, now: number): boolean {
  if (snapshot.kind === 'signedOut') return false; // the key ring says when that changes
  return snapshot.kind !== 'ready' || snapshot.problem !== undefined || isOlder(snapshot.asOf, FRESH, now);
}

/** At least so long after a list that could not be read. */
const AFTER_A_LIST = 5 * SECOND;

/**
 * How long to leave the server alone, ms; undefined means until something wakes us.
 * @param watched somebody can see what we show. @param now local clock, ms.
 */
export function restAfter(snapshot: Snapshot, isWatched: boolean, now: number): number | undefined {
  if (snapshot.kind === 'signedOut' || snapshot.kind === 'loading') return undefined;
  const { problem } = snapshot;
  const retry = problem && restAfterFailure(problem, now);
  const hasRetryAfter = problem?.error.retryAfter !== undefined;
  if (snapshot.kind === 'failed' || hasRetryAfter || isStale(snapshot)) return retry;
  const rest = restOf(snapshot, isWatched, now);
  // A list that fails is not worth as many looks as the sessions that are known without it.
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

/** An old machine's session has no deadline from the start, so only its missing page says that it is starting. */
function isInTransit(session: Session): boolean {
  const isStarting = session.phase === 'starting' || (session.phase === 'undated' && session.url === undefined);
  const isEnding = session.phase === 'ending' && (session.doubt ?? { kind: 'tooSoon' }).kind === 'tooSoon';
  return isStarting || isEnding;
}

/** Closed, and it is not known yet whether its container comes up all the same. */
function isInDoubt(session: Session): boolean {
  return session.phase === 'ending' && session.doubt?.kind === 'unproven';
}

/** Beyond twice its rest, whoever is to ask the server for all windows does not do so. */
const SLACK = 10 * SECOND;

/** How long a window that does not ask itself waits for news. @param rest of the one that asks. */
export function patienceOf(rest: number | undefined): number | undefined {
  return rest === undefined ? undefined : 2 * rest + SLACK;
}

/** What another window learnt so lately may be shown first in a new one. @param now local clock, ms. */
export function isFreshEnough(asOf: number, now: number): boolean {
  return !isOlder(asOf, 90 * SECOND, now);
}

function restAfterFailure({ retryAt }: Problem, now: number): number | undefined {
  return retryAt === undefined ? undefined : Math.max(0, retryAt - now);
}
