import type { SessionId } from '../../comfydeploy/model';
import { run, type CommandName } from '../../platform/ui/commands';

/** @param more what answers questions of the command in advance. */
export function runOnSession(command: CommandName, sessionId: SessionId, more?: object): Thenable<unknown> {
  return run(command, { kind: 'session', sessionId, ...more });
}
