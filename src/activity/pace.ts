import type { Pace } from '../comfydeploy/model';

/** One run that succeeded. */
export interface Timed {
  readonly key: string;
  /** ms. */
  readonly took: number;
  /** What distinguishes its workflow from others. */
  readonly workflow: string;
}

/** The last runs of one workflow, oldest first. */
export type Timings = readonly Timed[];

/** So many of them tell how long the next one takes. */
const MOST = 5;
/** What was done in no time was known from an earlier run. */
const SHORTEST = 1_000;

/** Of another workflow nothing is known yet. */
export function timed(before: Timings, run: Timed): Timings {
  if (run.took < SHORTEST || before.some(({ key }) => key === run.key)) return before;
  const alike = before.filter(({ workflow }) => workflow === run.workflow);
  return [...alike, run].slice(-MOST);
}

/** @param since when the one that runs now began, server time, ms. */
export function paceOf(timings: Timings, since: number): Pace | undefined {
  if (timings.length === 0) return undefined;
  return { mean: timings.reduce((sum, { took }) => sum + took, 0) / timings.length, since };
}
