import type { SettingsReader } from '../platform/settings';
import { MINUTE, SECOND } from '../platform/units';
import type { Ending } from '../comfyui/ending';

/** When the user is notified that a run has ended. */
export type NotifyWhenDone = 'never' | 'whenAway' | 'always';

export function notifyWhenDoneFrom(settings: SettingsReader): NotifyWhenDone {
  const when = settings.get<unknown>('notifyWhenDone', 'whenAway');
  return when === 'never' || when === 'always' ? when : 'whenAway';
}

/** A run that ended and was not announced yet. */
export interface FinishedRun {
  readonly promptId: string;
  readonly ending: Exclude<Ending, { kind: 'interrupted' }>;
}

/** Which of the waiting runs to announce now. Runs in none of the lists are dropped. */
export interface DueRuns {
  readonly done: readonly (FinishedRun & { readonly ending: { readonly kind: 'done' } })[];
  readonly failed: readonly (FinishedRun & { readonly ending: { readonly kind: 'failed' } })[];
  /** They wait for later ones. */
  readonly left: readonly FinishedRun[];
}

export interface Moment {
  readonly when: NotifyWhenDone;
  /** The user looks at the session's page. */
  readonly isInView: boolean;
  /** Something still runs or waits, or that is not known. */
  readonly isBusy: boolean;
  /** How long the oldest of them has waited, ms. */
  readonly waited: number;
}

/** Shorter runs end before the user turns away, ms. */
const SHORT = 30 * SECOND;
/** How often runs are announced while the queue never becomes empty, ms. */
export const LONGEST_ROW = 10 * MINUTE;

/**
 * Runs that end in a row share one notice, once the queue is empty or has been busy for long. Failures are announced at
 * once, so that the user can fix them while the rest runs.
 */
export function dueRuns(row: readonly FinishedRun[], { when, isInView, isBusy, waited }: Moment): DueRuns {
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

/** How long they took in total, ms; Infinity if one is not known. */
export function tookOf(runs: readonly Extract<Ending, { kind: 'done' }>[]): number {
  return runs.reduce((sum, { took = Number.POSITIVE_INFINITY }) => sum + took, 0);
}
