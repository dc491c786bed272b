import type { SettingsReader } from '../platform/settings';
import { MINUTE, SECOND } from '../platform/units';
import type { Ending } from '../comfyui/ending';

/** When the user is told that a run has ended. */
export type NotifyWhenDone = 'never' | 'whenAway' | 'always';

export function notifyWhenDoneFrom(settings: SettingsReader): NotifyWhenDone {
  const when = settings.get<unknown>('notifyWhenDone', 'whenAway');
  return when === 'never' || when === 'always' ? when : 'whenAway';
}

/** A run that ended, and was not told of yet. */
export interface FinishedRun {
  readonly promptId: string;
  readonly ending: Exclude<Ending, { kind: 'interrupted' }>;
}

/** What of a row of runs is told now. What is neither told nor left over is not worth a word. */
export interface Word {
  readonly done: readonly (FinishedRun & { readonly ending: { readonly kind: 'done' } })[];
  readonly failed: readonly (FinishedRun & { readonly ending: { readonly kind: 'failed' } })[];
  /** Waits for those that come after it. */
  readonly left: readonly FinishedRun[];
}

export interface Moment {
  readonly when: NotifyWhenDone;
  /** The user has the session's page in front of them. */
  readonly isInView: boolean;
  /** Something still runs or waits, or nobody knows. */
  readonly isBusy: boolean;
  /** How long the oldest of them has waited, ms. */
  readonly waited: number;
}

/** What takes less is over before anybody has turned away, ms. */
const SHORT = 30 * SECOND;
/** A queue that is never empty is told of so often, ms. */
export const LONGEST_ROW = 10 * MINUTE;

/**
 * Runs that end one after the other are one word, once the queue is empty or has been at work for long. What failed is told
 * at once: somebody may want to mend it while the rest runs.
 */
export function wordOf(row: readonly FinishedRun[], { when, isInView, isBusy, waited }: Moment): Word {
  const failed = row.flatMap((run) => (run.ending.kind === 'failed' ? [{ ...run, ending: run.ending }] : []));
  const done = row.flatMap((run) => (run.ending.kind === 'done' ? [{ ...run, ending: run.ending }] : []));
  const isRowOpen = isBusy && waited < LONGEST_ROW;
  const isSeen = when === 'never' || (when === 'whenAway' && isInView);
  const isShort = when === 'whenAway' && tookOf(done.map(({ ending }) => ending)) <= SHORT;
  return {
    failed: isSeen ? [] : failed,
    done: isRowOpen || isSeen || isShort ? [] : done,
    left: isRowOpen ? done : [],
  };
}

/** How long they took in all, ms; endless if that is not known of all of them. */
export function tookOf(runs: readonly Extract<Ending, { kind: 'done' }>[]): number {
  return runs.reduce((sum, { took = Number.POSITIVE_INFINITY }) => sum + took, 0);
}
