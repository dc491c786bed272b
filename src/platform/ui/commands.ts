import * as vscode from 'vscode';
import { ours } from './ours';

/** All commands that we contribute; a test compares this list with package.json. */
export const COMMANDS = [
  'signIn',
  'signOut',
  'switchAccount',
  'refresh',
  'createSession',
  'newSession',
  'createSameSession',
  'openRow',
  'openSession',
  'openSessionToSide',
  'openSessionInBrowser',
  'reloadSession',
  'extendSession',
  'openWorkflow',
  'queueWorkflow',
  'queueAgain',
  'queueCheapest',
  'queueMany',
  'extractWorkflow',
  'exportApi',
  'checkWorkflow',
  'showPicture',
  'compareWorkflow',
  'saveVersion',
  'pullVersion',
  'saveOutputs',
  'saveWorkflow',
  'restoreCanvas',
  'openKept',
  'openKeptInSession',
  'saveKept',
  'searchKept',
  'renameKept',
  'pinKept',
  'unpinKept',
  'duplicateKept',
  'deleteKept',
  'openKeptInDashboard',
  'saveAndEndSession',
  'openOutput',
  'saveOutput',
  'openGallery',
  'refreshOutputs',
  'cancelSession',
  'cancelAllSessions',
  'putOnLease',
  'takeOffLease',
  'keepAlive',
  'keepAliveOff',
  'endWhenIdle',
  'endAt',
  'finishThenEnd',
  'finishThenEndOff',
  'copySessionUrl',
  'copySessionId',
  'copySessionLink',
  'sessionActions',
  'showSpending',
  'showHistory',
  'exportHistory',
  'openDashboard',
  'arrangeRows',
  'toggleUnavailableMachines',
  'toggleUnavailableMachinesOff',
  'showLog',
  'doctor',
  'copyReport',
  'reportIssue',
  'showSessionLog',
  'openMachineInDashboard',
  'showBuildLog',
  'showStartError',
  'showMachineDay',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** VS Code passes a tree row, or nothing from the palette; handlers parse the argument themselves. */
export type CommandHandlers = Readonly<Record<CommandName, (target: unknown) => Promise<void>>>;

/** Runs a command as if it were chosen from a menu, with the same handling of failures. */
export function run(command: CommandName, target?: object): Thenable<unknown> {
  return vscode.commands.executeCommand(`comfydeploy.${command}`, target && ours(target));
}

export type RunCommand = (name: CommandName, target: unknown) => Promise<void>;

/** Reports the failures of all commands. */
export function carriedOutBy(carry: RunCommand, report: (error: unknown) => void): RunCommand {
  return (name, target) => carry(name, target).catch(report);
}

/** Commands about all the rows that are selected, when chosen on one of them. */
const OF_MANY: readonly CommandName[] = ['cancelSession', 'saveOutputs'];

/** Registers all commands. VS Code passes the row, and then the selected rows if it is among several. */
export function registerCommands(carryOut: RunCommand): vscode.Disposable {
  return vscode.Disposable.from(
    ...COMMANDS.map((name) =>
      vscode.commands.registerCommand(`comfydeploy.${name}`, (target?: unknown, selected?: unknown) =>
        carryOut(
          name,
          OF_MANY.includes(name) && Array.isArray(selected) && selected.length > 1 ? { selected } : target,
        ),
      ),
    ),
  );
}
