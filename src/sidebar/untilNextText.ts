import type { SessionId, Work } from '../comfydeploy/model';
import { problemOf, sessionsOf, type Snapshot } from '../sessions/snapshot';
import { untilNextText } from '../platform/durations';
import { untilNextWorkText } from '../activity/workText';

const PROBLEM_STEP = 10_000;

export interface UntilNextRedrawInput {
  readonly snapshot: Snapshot;
  readonly work: ReadonlyMap<SessionId, Work>;
  /** When sessions are ended automatically, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Server time, ms. */
  readonly now: number;
}

/** How long until a text on screen changes without an event, ms; undefined if nothing counts down. */
export function untilNextRedraw({ snapshot, work, countdowns, now }: UntilNextRedrawInput): number | undefined {
  const ends = sessionsOf(snapshot).map((session) =>
    'endsAt' in session ? untilNextText(session.endsAt - now) : Number.POSITIVE_INFINITY,
  );
  const planned = [...countdowns.values()].map((at) => untilNextText(at - now));
  const works = [...work.values()].map((one) => untilNextWorkText(one, now));
  const next = Math.min(...ends, ...planned, ...works, problemOf(snapshot) ? PROBLEM_STEP : Number.POSITIVE_INFINITY);
  return Number.isFinite(next) ? next : undefined;
}
