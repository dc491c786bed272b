import type { SessionId } from '../../comfydeploy/model';
import { run, type CommandName } from '../../platform/ui/commands';

/** @param more answers given to the command in advance. */
export function runOnSession(command: CommandName, sessionId: SessionId, more?: object): Thenable<unknown> {
  return run(command, { kind: 'session', sessionId, ...more });
}
