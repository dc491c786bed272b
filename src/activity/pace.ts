import type { Pace } from '../comfydeploy/model';

/** One successful run. */
export interface Timed {
  readonly key: string;
  /** ms. */
  readonly took: number;
  /** Identifies its workflow. */
  readonly workflow: string;
}

/** The last runs of one workflow, oldest first. */
export type Timings = readonly Timed[];

/** The number of runs that an estimate is based on. */
const MOST = 5;
/** A shorter run, ms, reused the cached result of an earlier one. */
const SHORTEST = 1_000;

/** Adds a run; a run of another workflow starts over. */
export function timed(before: Timings, run: Timed): Timings {
  if (run.took < SHORTEST || before.some(({ key }) => key === run.key)) return before;
  const alike = before.filter(({ workflow }) => workflow === run.workflow);
  return [...alike, run].slice(-MOST);
}

/** @param since when the current run began, server time, ms. */
export function paceOf(timings: Timings, since: number): Pace | undefined {
  if (timings.length === 0) return undefined;
  return { mean: timings.reduce((sum, { took }) => sum + took, 0) / timings.length, since };
}
