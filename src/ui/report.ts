import * as vscode from 'vscode';
import { isAbort, toApiError, type ApiError } from '../core/api/errors';
import type { Logger } from '../core/logger';
import { NotBuilt } from '../core/state/builds';
import { StartFailed } from '../core/state/waits';
import { run, runOnSession, type CommandName } from './commands';
import type { Settings } from './settings';
import { fail } from './shown';

interface Way {
  readonly title: string;
  readonly go: () => Thenable<unknown>;
}

/** Tells the user of a failure: what happened, and one way on. Walking away is no failure. */
export function createReport(log: Logger, settings: Settings): (error: unknown) => void {
  return (error) => {
    if (isAbort(error)) return;
    const failure = toApiError(error);
    log.warn(`${failure.kind}: ${failure.message}${describeCause(failure)}`);
    void tell(failure, wayOn(failure, settings));
  };
}

async function tell({ message }: ApiError, way: Way): Promise<void> {
  const chosen = await fail(message, way.title);
  if (chosen !== undefined) await way.go();
}

function wayOn(failure: ApiError, settings: Settings): Way {
  const { kind, message } = failure;
  if (failure instanceof StartFailed)
    return { title: 'Show Session Log', go: () => runOnSession('showSessionLog', failure.sessionId) };
  if (failure instanceof NotBuilt)
    return runs('Show Build Log', 'showBuildLog', { kind: 'machine', machineId: failure.machineId });
  if (kind === 'unauthorized' || kind === 'keyStore') return runs('Sign In', 'signIn');
  if (kind === 'misconfigured')
    return {
      title: 'Open Settings',
      go: () => vscode.commands.executeCommand('workbench.action.openSettings', 'comfydeploy'),
    };
  if (/balance|credit/i.test(message))
    return { title: 'Add Credit', go: () => vscode.env.openExternal(settings.dashboardPage('/pricing')) };
  return runs('Show Log', 'showLog');
}

function runs(title: string, command: CommandName, target?: object): Way {
  return { title, go: () => run(command, target) };
}

/** Only for what is not ours: an unexpected failure needs its stack in the log. */
function describeCause({ cause }: ApiError): string {
  if (!(cause instanceof Error)) return '';
  return `\n${cause.stack ?? cause.message}`;
}
