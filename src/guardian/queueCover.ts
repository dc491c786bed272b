import type { Work } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** No run takes exactly as long as those before it: so much more is reckoned with, and a minute. */
const SPARE = 0.1;

/** When all that waits is expected to be done, server time, ms; undefined where nothing renders or no time is known. */
export function expectedEnd(work: Work | undefined, now: number): number | undefined {
  if (work?.activity.kind !== 'rendering' || !work.pace) return undefined;
  return doneAt(work.pace, work.activity.queued + 1, now) + MINUTE;
}

/** Runs that may not be done by then. */
export interface Shortfall {
  readonly runs: number;
  /** All that run or wait. */
  readonly of: number;
}

/** What of a queue may be lost if a session ends then; undefined where nothing renders or no time is known. */
export function shortfallOf(work: Work | undefined, endsAt: number, now: number): Shortfall | undefined {
  if (work?.activity.kind !== 'rendering' || !work.pace) return undefined;
  const of = work.activity.queued + 1;
  let done = Math.max(0, Math.min(of, Math.floor((endsAt - now) / spared(work.pace.mean)) + 1));
  while (done > 0 && doneAt(work.pace, done, now) > endsAt) done--;
  return { runs: of - done, of };
}

/** So many runs, with the one that runs now; it may take longer than those before it. */
function doneAt({ mean, since }: NonNullable<Work['pace']>, runs: number, now: number): number {
  return Math.max(now, since + spared(mean)) + (runs - 1) * spared(mean);
}

function spared(mean: number): number {
  return mean * (1 + SPARE);
}
