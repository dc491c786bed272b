import { asSentence } from '../platform/errors';
import { problemOf, type Problem, type Snapshot, type Unread } from '../sessions/snapshot';
import { age, coarse } from '../platform/durations';
import { failureAndHint, troubleOf } from '../platform/networkHint';

/** Which welcome text the empty view shows; the values stand in `when` clauses of package.json. */
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
  /** Machines that cannot host sessions are shown, too. */
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

function failedState({ problem }: Extract<Snapshot, { kind: 'failed' }>): ViewState {
  const { kind } = problem.error;
  const trouble = troubleOf(problem.error);
  if (trouble) return trouble === 'certificate' ? 'untrusted' : 'noWay';
  return kind === 'misconfigured' || kind === 'forbidden' || kind === 'keyStore' ? kind : 'offline';
}

export interface ViewMessageInput {
  readonly snapshot: Snapshot;
  /** Local clock, ms: what ages are compared with. */
  readonly localNow: number;
}

/** The line above the rows: how old they are, why, and when it is tried again. Undefined when all is well. */
export function viewMessageOf({ snapshot, localNow }: ViewMessageInput): string | undefined {
  const problem = problemOf(snapshot);
  if (problem?.unread) return unreadText(problem.unread, problem);
  if (problem) {
    const asOf = snapshot.kind === 'ready' ? `As of ${age(localNow - snapshot.asOf)}. ` : '';
    const said = failureAndHint(problem.error);
    return `${asOf}${said}${nextTry(problem, localNow)}`;
  }
  if (snapshot.kind !== 'ready' || snapshot.skipped.length === 0) return undefined;
  const rows = snapshot.skipped.length === 1 ? '1 row' : `${snapshot.skipped.length} rows`;
  const fate = snapshot.skipped.length === 1 ? 'it is shown as it was before' : 'they are shown as they were before';
  return `${rows} of ComfyDeploy's answer could not be read: ${fate}, or not at all. The log names the fields.`;
}

/** What is missing, and why. The rest was learnt just now. */
function unreadText(unread: Unread, { error }: Problem): string {
  const why = asSentence(error.message);
  if (unread === 'machines') return `The list of machines cannot be read, so some may be missing. ${why}`;
  const isBoth = unread === 'both';
  const which = isBoth ? 'Neither the list of machines nor that of sessions can' : 'The list of sessions cannot';
  const hint = error.kind === 'busy' ? ' A session that was started elsewhere without a GPU can cause this.' : '';
  return `${which} be read. ${why} Sessions known here are still watched; others may be missing.${hint}`;
}

function nextTry({ retryAt }: Problem, localNow: number): string {
  if (retryAt === undefined) return '';
  return retryAt <= localNow ? ' Trying again now.' : ` Next try in ${coarse(retryAt - localNow)}.`;
}
