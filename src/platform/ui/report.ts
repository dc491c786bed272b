import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { isAbort, toApiError, type ApiError, type ApiErrorKind } from '../errors';
import type { Logger } from '../logger';
import { run, type CommandName } from './commands';
import { fail, warn } from './shown';

/** A button of a notice, and where it leads. */
export interface Way {
  readonly title: string;
  readonly go: () => Thenable<unknown>;
  /** What is told of can be mended there, and the notice need not stay until somebody closes it. */
  readonly mends?: true;
}

/** The way on from failures that a room knows about; undefined for all others. */
export type WayOn = (failure: ApiError) => Way | undefined;

/**
 * Shows the user a failure: what happened, and one way on. Walking away is no failure.
 * @param ways each room brings those of its own failures; the first that knows one is taken.
 */
export function createReport(log: Logger, ways: readonly WayOn[]): (error: unknown) => void {
  return (error) => {
    if (isAbort(error)) return;
    const failure = toApiError(error);
    log.warn(`${failure.kind}: ${failure.message.replace(/\s+/g, ' ')}${describeCause(failure)}`);
    void showFailure(failure, wayOn(failure, ways));
  };
}

/** What can be mended elsewhere, and stands in the view as long as it is not. */
const MENDABLE: readonly ApiErrorKind[] = ['unauthorized', 'forbidden', 'misconfigured', 'offline', 'busy'];

/**
 * VS Code takes no notice back, and leaves an error with a button on screen until somebody closes it, long after it was
 * mended. A warning goes by itself.
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

/** To one of our commands. */
export function wayTo(title: string, command: CommandName, target?: object): Way {
  return { title, go: () => run(command, target) };
}

/** Only for what is not ours: an unexpected failure needs its stack in the log. */
function describeCause({ cause }: ApiError): string {
  if (!(cause instanceof Error)) return '';
  return `\n${cause.stack ?? cause.message}`;
}
