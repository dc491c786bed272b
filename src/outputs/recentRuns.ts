import { knownOf } from '../activity/activity';
import type { Work } from '../comfydeploy/model';
import { keyOf, type OutputFile } from '../comfyui/outputs';

/** A run that has ended, with its files. */
export interface RecentRun {
  readonly promptId: string;
  readonly files: readonly OutputFile[];
  /** Server time, ms; undefined if ComfyUI keeps no times. */
  readonly finishedAt: number | undefined;
}

/** A file with the run that named it last. */
export interface NewFile extends Pick<RecentRun, 'promptId' | 'finishedAt'> {
  readonly file: OutputFile;
}

/** The result of one or more readings, newest first. */
export interface RecentRuns {
  readonly runs: readonly RecentRun[];
  /** Whether there is more than is kept here. */
  readonly hasMore: boolean;
}

export const NO_RUNS: RecentRuns = { runs: [], hasMore: false };

/** The number of files shown. */
export const MOST_FILES = 24;
/** Runs without files are kept too: they show which part of the history was read. */
const MOST_RUNS = 32;

/** Newest first, each file once: where it was named last. */
export function newestFiles(runs: readonly RecentRun[], most = MOST_FILES): readonly NewFile[] {
  const files = new Map<string, NewFile>();
  for (const { files: written, promptId, finishedAt } of runs) {
    for (const file of written.toReversed()) {
      const key = keyOf(file);
      if (files.size < most && !files.has(key)) files.set(key, { file, promptId, finishedAt });
    }
  }
  return [...files.values()];
}

/**
 * The runs after another reading.
 * @param page the newest runs, oldest first, as the server lists them. @param isAll whether there are no older ones.
 */
export function withPage(before: RecentRuns, page: readonly RecentRun[], isAll: boolean): RecentRuns {
  const known = new Map(before.runs.map((run) => [run.promptId, run]));
  const listed = new Set(page.map(({ promptId }) => promptId));
  // Times stay as first read: later values vary with the clocks.
  const newest = page.toReversed().map((run) => ({ ...run, finishedAt: (known.get(run.promptId) ?? run).finishedAt }));
  const all = [...newest, ...before.runs.filter(({ promptId }) => !listed.has(promptId))];
  const runs = all.slice(0, MOST_RUNS).map((run) => ({ ...run, files: run.files.slice(-MOST_FILES) }));
  const isSeam = page.some(({ promptId }) => known.has(promptId));
  const isCut = newestFiles(all, MOST_FILES + 1).length > MOST_FILES || all.length > MOST_RUNS;
  return { runs, hasMore: isCut || (isSeam ? before.hasMore : !isAll) };
}

/** Whether a reading went back far enough: to a known run, or for as many files as are shown. */
export function reachesFar(before: RecentRuns, page: readonly RecentRun[]): boolean {
  const known = new Set(before.runs.map(({ promptId }) => promptId));
  return page.some(({ promptId }) => known.has(promptId)) || newestFiles(page).length >= MOST_FILES;
}

/** Whether a run may have finished between two readings of a queue. */
export function hasFinished(before: Work | undefined, after: Work | undefined): boolean {
  const now = after && knownOf(after);
  if (!now) return false;
  const then = before && knownOf(before);
  if (!then) return true;
  if (now.kind === 'idle') return then.kind === 'rendering' || then.since !== now.since;
  return then.kind === 'rendering' && (then.since !== now.since || now.queued < then.queued);
}
