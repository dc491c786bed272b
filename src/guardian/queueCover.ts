import type { Work } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** Runs vary in length: this share, and a minute, is added to estimates. */
const SPARE = 0.1;

/** When everything queued is expected to be done, server time, ms; undefined if nothing renders or no run was timed. */
export function expectedEnd(work: Work | undefined, now: number): number | undefined {
  if (work?.activity.kind !== 'rendering' || !work.pace) return undefined;
  return doneAt(work.pace, work.activity.queued + 1, now) + MINUTE;
}

/** Runs that may not be done by then. */
export interface Shortfall {
  readonly runs: number;
  /** All runs: running and waiting. */
  readonly of: number;
}

/** What of a queue may be lost if the session ends then; undefined if nothing renders or no run was timed. */
export function shortfallOf(work: Work | undefined, endsAt: number, now: number): Shortfall | undefined {
  if (work?.activity.kind !== 'rendering' || !work.pace) return undefined;
  const of = work.activity.queued + 1;
  let done = Math.max(0, Math.min(of, Math.floor((endsAt - now) / spared(work.pace.mean)) + 1));
  while (done > 0 && doneAt(work.pace, done, now) > endsAt) done--;
  return { runs: of - done, of };
}

/** Whether nothing of a queue is lost if the session ends then; false while that is not known. */
export function isCovered(work: Work | undefined, endsAt: number, now: number): boolean {
  return work?.activity.kind === 'idle' || shortfallOf(work, endsAt, now)?.runs === 0;
}

/** When so many runs are done, including the running one, which may take longer than the earlier ones. */
function doneAt({ mean, since }: NonNullable<Work['pace']>, runs: number, now: number): number {
  return Math.max(now, since + spared(mean)) + (runs - 1) * spared(mean);
}

function spared(mean: number): number {
  return mean * (1 + SPARE);
}
