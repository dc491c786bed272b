import * as vscode from 'vscode';
import { isAbort, toApiError, type ApiError, type ApiErrorKind } from '../core/api/errors';
import type { Logger } from '../core/logger';
import { NotBuilt } from '../core/state/builds';
import { StartFailed } from '../core/state/waits';
import { run, type CommandName } from './commands';
import { runOnSession } from './runOnSession';
import type { Settings } from './settings';
import { KeyNotRemoved } from './tokenVault';
import { fail, warn } from './shown';

interface Way {
  readonly title: string;
  readonly go: () => Thenable<unknown>;
}

/** Tells the user of a failure: what happened, and one way on. Walking away is no failure. */
export function createReport(log: Logger, settings: Settings): (error: unknown) => void {
  return (error) => {
    if (isAbort(error)) return;
    const failure = toApiError(error);
    log.warn(`${failure.kind}: ${failure.message.replace(/\s+/g, ' ')}${describeCause(failure)}`);
    void tell(failure, wayOn(failure, settings));
  };
}

/** What can be mended elsewhere, and stands in the view as long as it is not. */
const MENDABLE: readonly ApiErrorKind[] = ['unauthorized', 'forbidden', 'misconfigured', 'offline', 'busy'];

/**
 * VS Code takes no notice back, and leaves an error with a button on screen until somebody closes it, long after it was
 * mended. A warning goes by itself.
 */
async function tell(failure: ApiError, way: Way): Promise<void> {
  const show = MENDABLE.includes(failure.kind) || isAboutCredit(failure) ? warn : fail;
  const chosen = await show(failure.message, way.title);
  if (chosen !== undefined) await way.go();
}

function wayOn(failure: ApiError, settings: Settings): Way {
  const { kind } = failure;
  if (failure instanceof StartFailed)
    return { title: 'Show Session Log', go: () => runOnSession('showSessionLog', failure.sessionId) };
  if (failure instanceof NotBuilt) {
    const target = { kind: 'machine', machineId: failure.machineId };
    return failure.isNeverBuilt
      ? runs('Open Dashboard', 'openMachineInDashboard', target)
      : runs('Show Build Log', 'showBuildLog', target);
  }
  if (failure instanceof KeyNotRemoved) return runs('Sign Out Again', 'signOut');
  if (kind === 'unauthorized' || kind === 'keyStore') return runs('Sign In', 'signIn');
  if (kind === 'misconfigured')
    return {
      title: 'Open Settings',
      go: () => vscode.commands.executeCommand('workbench.action.openSettings', 'comfydeploy'),
    };
  if (isAboutCredit(failure))
    return { title: 'Add Credit', go: () => vscode.env.openExternal(settings.dashboardPage('/pricing')) };
  return runs('Show Log', 'showLog');
}

function isAboutCredit(failure: ApiError): boolean {
  if (failure instanceof StartFailed || failure instanceof NotBuilt) return false;
  return /balance|credit/i.test(failure.sentence);
}

function runs(title: string, command: CommandName, target?: object): Way {
  return { title, go: () => run(command, target) };
}

/** Only for what is not ours: an unexpected failure needs its stack in the log. */
function describeCause({ cause }: ApiError): string {
  if (!(cause instanceof Error)) return '';
  return `\n${cause.stack ?? cause.message}`;
}
