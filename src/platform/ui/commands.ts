import * as vscode from 'vscode';
import { ours } from './ours';

/** Every command we contribute; a test holds this list and package.json together. */
export const COMMANDS = [
  'signIn',
  'signOut',
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
  'saveOutputs',
  'saveWorkflow',
  'restoreCanvas',
  'saveAndEndSession',
  'openOutput',
  'saveOutput',
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
  'sessionActions',
  'showHistory',
  'exportHistory',
  'openDashboard',
  'toggleUnavailableMachines',
  'toggleUnavailableMachinesOff',
  'showLog',
  'showSessionLog',
  'openMachineInDashboard',
  'showBuildLog',
  'showStartError',
  'showMachineDay',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** VS Code passes a tree row, or nothing when the palette asks; handlers narrow it themselves. */
export type CommandHandlers = Readonly<Record<CommandName, (target: unknown) => Promise<void>>>;

/** As if it were chosen from a menu, so that its failure is told in the same way. */
export function run(command: CommandName, target?: object): Thenable<unknown> {
  return vscode.commands.executeCommand(`comfydeploy.${command}`, target && ours(target));
}

export type RunCommand = (name: CommandName, target: unknown) => Promise<void>;

/** The one place where the failure of a command meets the user. */
export function carriedOutBy(handlers: CommandHandlers, report: (error: unknown) => void): RunCommand {
  return (name, target) => handlers[name](target).catch(report);
}

/** The one place where a command meets VS Code. */
export function registerCommands(carryOut: RunCommand): vscode.Disposable {
  return vscode.Disposable.from(
    ...COMMANDS.map((name) =>
      vscode.commands.registerCommand(`comfydeploy.${name}`, (target?: unknown) => carryOut(name, target)),
    ),
  );
}
