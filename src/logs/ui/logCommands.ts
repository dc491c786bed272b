import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import type { SessionId } from '../../comfydeploy/model';
import { overText } from '../../sessions/overText';
import { sessionName } from '../../sessions/sessionText';
import type { Clock } from '../../platform/clock';
import type { Logs } from '../logs';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import type { CommandHandlers } from '../../platform/ui/commands';
import { LogTerminals } from './logTerminals';

export interface LogCommandsInput {
  readonly snapshot: Snapshot;
}

interface PastTargets {
  /** The session that the command is about, or one that the user picks; it may be over. */
  sessionId(target: unknown, ask: string): Promise<SessionId | undefined>;
}

export interface LogContext extends Pick<vscode.ExtensionContext, 'subscriptions'> {
  readonly appState: () => LogCommandsInput;
  readonly logs: Logs;
  readonly targets: PastTargets;
  readonly clock: Clock;
}

export function logCommands(context: LogContext): Pick<CommandHandlers, 'showSessionLog'> {
  const { appState, logs, targets, clock, subscriptions } = context;
  const terminals = new LogTerminals(clock);
  subscriptions.push(terminals);
  return {
    async showSessionLog(target) {
      const id = await targets.sessionId(target, l10n.t('Show the log of which session?'));
      if (id === undefined) return;
      const follow = (changed: () => void) => logs.follow(id, changed);
      terminals.show(id, { name: nameOf(appState(), id), follow, lastWords: overText });
    },
  };
}

/** The name of a session that is gone is no longer known. */
function nameOf({ snapshot }: LogCommandsInput, id: SessionId): string {
  const session = findSession(snapshot, id);
  if (!session) return l10n.t('ComfyDeploy: session that is over');
  return l10n.t('ComfyDeploy: {0}', sessionName(session, snapshot));
}
