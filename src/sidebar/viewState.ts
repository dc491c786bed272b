import { skippedText } from '../comfydeploy/rowReading';
import * as l10n from '@vscode/l10n';
import { asSentence } from '../platform/errors';
import { untilRetry } from '../sessions/problems';
import type { Arrangement } from './arrangement';
import { allOwn, problemOf, type Problem, type Snapshot, type Unread } from '../sessions/snapshot';
import { ageOf } from '../platform/age';
import { age, coarse } from '../platform/durations';
import { failureAndHint, troubleOf } from '../platform/networkHint';

/** ms. */
const SOON = 10_000;

/** Which welcome text the empty view shows; package.json uses the values in `when` clauses. */
export type ViewState =
  | 'loading'
  | 'signedOut'
  | 'rejected'
  | 'expired'
  | 'misconfigured'
  | 'forbidden'
  | 'keyStore'
  | 'offline'
  | 'noWay'
  | 'untrusted'
  | 'noMachines'
  | 'allHidden'
  | 'rows';

export interface ViewStateInput {
  readonly snapshot: Snapshot;
  /** Also show machines that cannot host sessions. */
  readonly showUnavailable: boolean;
}

export function viewStateOf({ snapshot, showUnavailable }: ViewStateInput): ViewState {
  switch (snapshot.kind) {
    case 'loading':
      return 'loading';
    case 'signedOut':
      return snapshot.reason ?? 'signedOut';
    case 'failed':
      return failedState(snapshot);
    case 'ready': {
      if (snapshot.sessions.length > 0) return 'rows';
      if (snapshot.machines.length === 0) return snapshot.problem ? 'offline' : 'noMachines';
      const isAnyShown = showUnavailable || snapshot.machines.some(({ hosting }) => hosting.kind === 'able');
      return isAnyShown ? 'rows' : 'allHidden';
    }
  }
}

/** There would be rows, but the user filters them out. */
export function nothingShown(snapshot: Snapshot, { show }: Pick<Arrangement, 'show'>): boolean {
  if (snapshot.kind !== 'ready' || show === 'all') return false;
  return (show === 'mine' ? allOwn(snapshot) : snapshot.sessions).length === 0 && snapshot.machines.length > 0;
}

const STATES = { address: 'misconfigured', certificate: 'untrusted', way: 'noWay' } as const;

function failedState({ problem }: Extract<Snapshot, { kind: 'failed' }>): ViewState {
  const { kind } = problem.error;
  const trouble = troubleOf(problem.error);
  if (trouble) return STATES[trouble];
  return kind === 'misconfigured' || kind === 'forbidden' || kind === 'keyStore' ? kind : 'offline';
}

export interface ViewMessageInput {
  readonly snapshot: Snapshot;
  /** Local clock, ms: ages are relative to it. */
  readonly localNow: number;
}

/** The message above the rows: their age, the reason, and the next try. Undefined when all is well. */
export function viewMessageOf({ snapshot, localNow }: ViewMessageInput): string | undefined {
  const problem = problemOf(snapshot);
  if (problem?.unread) return unreadText(problem.unread, problem);
  if (problem) {
    const old = snapshot.kind === 'ready' ? ageOf(snapshot.asOf, localNow) : undefined;
    const asOf = old === undefined ? undefined : l10n.t('Updated {0}.', age(old));
    return [asOf, failureAndHint(problem.error), nextTry(problem, localNow)]
      .filter((part) => part !== undefined)
      .join(' ');
  }
  if (snapshot.kind !== 'ready' || snapshot.skipped.length === 0) return undefined;
  return skippedText(snapshot.skipped.length);
}

/** What could not be read, and why. Everything else is up to date. */
function unreadText(unread: Unread, { error }: Problem): string {
  const why = asSentence(error.message);
  if (unread === 'machines') return `${l10n.t("The list of machines can't be read, so some may be missing.")} ${why}`;
  const which =
    unread === 'both'
      ? l10n.t("The lists of machines and sessions can't be read.")
      : l10n.t("The list of sessions can't be read.");
  const rest = l10n.t('Sessions known here are still watched; others may be missing.');
  const hint = error.kind === 'busy' ? l10n.t('A session started elsewhere without a GPU can cause this.') : undefined;
  return [which, why, rest, hint].filter((part) => part !== undefined).join(' ');
}

function nextTry(problem: Problem, localNow: number): string | undefined {
  const rest = untilRetry(problem, localNow);
  if (rest === undefined) return undefined;
  if (rest === 0) return l10n.t('Retrying now.');
  return rest < SOON ? l10n.t('Retrying in a few seconds.') : l10n.t('Retrying in {0}.', coarse(rest));
}
