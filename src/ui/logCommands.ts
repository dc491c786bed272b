import type * as vscode from 'vscode';
import type { SessionId } from '../core/model';
import type { Facts } from '../core/present/facts';
import type { Clock } from '../core/state/clock';
import type { SessionLogs } from '../core/state/sessionLogs';
import { findSession, machineOf } from '../core/state/snapshot';
import type { CommandHandlers } from './commands';
import { LogTerminal } from './logTerminal';
import type { Targets } from './targets';

export interface LogContext extends Pick<vscode.ExtensionContext, 'subscriptions'> {
  readonly facts: () => Facts;
  readonly followLog: SessionLogs['follow'];
  readonly targets: Targets;
  readonly clock: Clock;
}

/** One terminal a session; asking again brings the same one forward. */
export function logCommands(context: LogContext): Pick<CommandHandlers, 'showSessionLog'> {
  const { facts, followLog, targets, clock, subscriptions } = context;
  const terminals = new Map<SessionId, LogTerminal>();
  const open = (id: SessionId) => {
    const name = nameOf(facts(), id);
    const terminal = new LogTerminal({ id, name, followLog, clock, closed: () => void terminals.delete(id) });
    terminals.set(id, terminal);
    return terminal;
  };
  subscriptions.push({ dispose: () => [...terminals.values()].forEach((terminal) => terminal.dispose()) });
  return {
    async showSessionLog(target) {
      const id = await targets.sessionId(target, 'Show the log of which session?');
      if (id !== undefined) (terminals.get(id) ?? open(id)).show();
    },
  };
}

/** A session that is gone has left no name. */
function nameOf({ snapshot }: Facts, id: SessionId): string {
  const session = findSession(snapshot, id);
  if (!session) return 'ComfyDeploy: session that is over';
  const machine = machineOf(snapshot, session)?.name;
  return `ComfyDeploy: ${session.gpu}${machine === undefined ? '' : ` on ${machine}`}`;
}
