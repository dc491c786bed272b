import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { isAbort, toApiError, type ApiError, type ApiErrorKind } from '../errors';
import type { Logger } from '../logger';
import { run, type CommandName } from './commands';
import { fail, warn } from './shown';

/** A button of a notice and its action. */
export interface Way {
  readonly title: string;
  readonly go: () => Thenable<unknown>;
  /** It can solve the problem, so the notice need not stay until the user closes it. */
  readonly mends?: true;
}

/** The button for failures that a room knows; undefined for all others. */
export type WayOn = (failure: ApiError) => Way | undefined;

/**
 * Shows a failure to the user: what happened, and one way to continue. Cancelling is not a failure.
 * @param ways each room provides those for its own failures; the first that is not undefined is used.
 */
export function createReport(log: Logger, ways: readonly WayOn[]): (error: unknown) => void {
  return (error) => {
    if (isAbort(error)) return;
    const failure = toApiError(error);
    log.warn(`${failure.kind}: ${failure.message.replace(/\s+/g, ' ')}${describeCause(failure)}`);
    void showFailure(failure, wayOn(failure, ways));
  };
}

/** Failures that are solved elsewhere, and are shown in the view until then. */
const MENDABLE: readonly ApiErrorKind[] = ['unauthorized', 'forbidden', 'misconfigured', 'offline', 'busy'];

/**
 * VS Code cannot take a notice back, and keeps an error with a button on screen until the user closes it, long after
 * the problem was solved. A warning disappears by itself.
 */
async function showFailure(failure: ApiError, way: Way): Promise<void> {
  const show = MENDABLE.includes(failure.kind) || way.mends ? warn : fail;
  const chosen = await show(failure.message, way.title);
  if (chosen !== undefined) await way.go();
}

function wayOn(failure: ApiError, ways: readonly WayOn[]): Way {
  for (const known of ways) {
    const way = known(failure);
    if (way) return way;
  }
  if (failure.kind === 'misconfigured')
    return {
      title: l10n.t('Open Settings'),
      go: () => vscode.commands.executeCommand('workbench.action.openSettings', 'comfydeploy'),
    };
  return wayTo(l10n.t('Show Log'), 'showLog');
}

/** A button that runs one of our commands. */
export function wayTo(title: string, command: CommandName, target?: object): Way {
  return { title, go: () => run(command, target) };
}

/** Only for failures that are not ours: an unexpected one needs its stack in the log. */
function describeCause({ cause }: ApiError): string {
  if (!(cause instanceof Error)) return '';
  return `\n${cause.stack ?? cause.message}`;
}
