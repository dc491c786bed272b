import { knownOf } from '../activity/activity';
import type { Work } from '../comfydeploy/model';
import { keyOf, type OutputFile } from '../comfyui/outputs';

/** A run that is over, and what it has brought forth. */
export interface RecentRun {
  readonly promptId: string;
  readonly files: readonly OutputFile[];
  /** Server time, ms; undefined where ComfyUI keeps no times. */
  readonly finishedAt: number | undefined;
}

/** A file with the run that named it last. */
export interface NewFile extends Pick<RecentRun, 'promptId' | 'finishedAt'> {
  readonly file: OutputFile;
}

/** What one or more looks have shown, newest first. */
export interface RecentRuns {
  readonly runs: readonly RecentRun[];
  /** Whether there is more than is kept here. */
  readonly hasMore: boolean;
}

export const NO_RUNS: RecentRuns = { runs: [], hasMore: false };

/** So many files are shown. */
export const MOST_FILES = 24;
/** Runs without files are kept, too: they tell which part of the history has been seen. */
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
 * What is known after another look.
 * @param page the newest runs, oldest first, as the server lists them. @param isAll whether there are no older ones.
 */
export function withPage(before: RecentRuns, page: readonly RecentRun[], isAll: boolean): RecentRuns {
  const known = new Map(before.runs.map((run) => [run.promptId, run]));
  const told = new Set(page.map(({ promptId }) => promptId));
  // Times are kept as they were first read: they waver with the clocks.
  const newest = page.toReversed().map((run) => ({ ...run, finishedAt: (known.get(run.promptId) ?? run).finishedAt }));
  const all = [...newest, ...before.runs.filter(({ promptId }) => !told.has(promptId))];
  const runs = all.slice(0, MOST_RUNS).map((run) => ({ ...run, files: run.files.slice(-MOST_FILES) }));
  const isSeam = page.some(({ promptId }) => known.has(promptId));
  const isCut = newestFiles(all, MOST_FILES + 1).length > MOST_FILES || all.length > MOST_RUNS;
  return { runs, hasMore: isCut || (isSeam ? before.hasMore : !isAll) };
}

/** Whether a look was far enough: back to what is known, or to as many files as are shown. */
export function reachesFar(before: RecentRuns, page: readonly RecentRun[]): boolean {
  const known = new Set(before.runs.map(({ promptId }) => promptId));
  return page.some(({ promptId }) => known.has(promptId)) || newestFiles(page).length >= MOST_FILES;
}

/** Whether a run may have finished between two looks at a session's queue. */
export function hasFinished(before: Work | undefined, after: Work | undefined): boolean {
  const now = after && knownOf(after);
  if (!now) return false;
  const then = before && knownOf(before);
  if (!then) return true;
  if (now.kind === 'idle') return then.kind === 'rendering' || then.since !== now.since;
  return then.kind === 'rendering' && (then.since !== now.since || now.queued < then.queued);
}
