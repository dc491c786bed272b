import { problemOf, sessionsOf } from '../state/snapshot';
import { untilNextText } from './durations';
import type { Facts } from './facts';
import { untilNextWorkText } from './workText';

const PROBLEM_STEP = 10_000;

/** How long until something on screen reads otherwise without any news, ms; undefined if nothing counts down. */
export function untilNextRedraw({
  snapshot,
  work,
  countdowns,
  now,
}: Pick<Facts, 'snapshot' | 'work' | 'countdowns' | 'now'>): number | undefined {
  const ends = sessionsOf(snapshot).map((session) =>
    'endsAt' in session ? untilNextText(session.endsAt - now) : Number.POSITIVE_INFINITY,
  );
  const planned = [...countdowns.values()].map((at) => untilNextText(at - now));
  const works = [...work.values()].map((one) => untilNextWorkText(one, now));
  const next = Math.min(...ends, ...planned, ...works, problemOf(snapshot) ? PROBLEM_STEP : Number.POSITIVE_INFINITY);
  return Number.isFinite(next) ? next : undefined;
}
