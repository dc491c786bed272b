import type * as vscode from 'vscode';
import type { Knowledge } from './core/knowledge';
import type { Clock } from './core/state/clock';
import type { Rounds } from './core/state/round';
import type { Surfaces } from './surfaces';
import { accountCommands } from './ui/accountCommands';
import type { CommandHandlers } from './ui/commands';
import { createCommands, type CreateFlow } from './ui/createCommands';
import { guardCommands } from './ui/guardCommands';
import { historyCommands } from './ui/history';
import { machineCommands } from './ui/machineCommands';
import { rowCommands } from './ui/rowCommands';
import { sessionCommands, type SessionContext } from './ui/sessionCommands';
import type { Settings } from './ui/settings';
import type { TokenVault } from './ui/tokenVault';
import type { Workflows } from './workflows';

interface Context extends Pick<vscode.ExtensionContext, 'subscriptions'> {
  readonly sessions: SessionContext;
  readonly creating: CreateFlow;
  readonly workflows: Workflows;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly vault: TokenVault;
  readonly rounds: Rounds;
  readonly channel: vscode.LogOutputChannel;
}

/** Who carries out which command, and what each is given. No decision is made here. */
export function handlersOf(knowledge: Knowledge, surfaces: Surfaces, context: Context): CommandHandlers {
  const { api, facts, guardian, logs, money, prices, store } = knowledge;
  const { view, targets, texts } = surfaces;
  const { clock, settings, vault, rounds, channel, subscriptions } = context;
  return {
    ...accountCommands({ api, vault, settings, clock, facts, targets, rounds, store, money, channel }),
    ...machineCommands({ api, prices, facts, logs, settings, targets, texts, clock, subscriptions }),
    ...rowCommands(view),
    ...sessionCommands(context.sessions),
    ...guardCommands({ guardian, rules: settings.rules, facts, targets }),
    ...createCommands(context.creating, targets),
    ...context.workflows.handlers,
    ...historyCommands({ facts, money, texts, subscriptions }),
  };
}
