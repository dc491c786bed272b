import type * as vscode from 'vscode';
import type { Disk } from './core/comfyui/folder';
import type { SessionSaver } from './core/comfyui/sessionSaver';
import type { GuardRules } from './core/guard/guardRules';
import type { Knowledge } from './core/knowledge';
import type { Clock } from './core/state/clock';
import type { Rounds } from './core/state/round';
import type { Surfaces } from './surfaces';
import { accountCommands } from './ui/accountCommands';
import type { CommandHandlers } from './ui/commands';
import { createCommands, type CreateFlow } from './ui/createCommands';
import { guardCommands } from './ui/guardCommands';
import { historyCommands } from './ui/history';
import { logCommands } from './ui/logCommands';
import { machineCommands } from './ui/machineCommands';
import { openingCommands } from './ui/opening';
import { rowCommands } from './ui/rowCommands';
import { saveCommands } from './ui/saveCommands';
import { sessionCommands } from './ui/sessionCommands';
import type { Settings } from './ui/settings';
import type { TokenVault } from './ui/tokenVault';
import type { Workflows } from './workflows';

interface Flows {
  readonly saver: SessionSaver;
  readonly creating: CreateFlow;
  readonly workflows: Workflows;
  readonly rounds: Rounds;
}

interface Context extends Pick<vscode.ExtensionContext, 'subscriptions'> {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly rules: () => GuardRules;
  readonly vault: TokenVault;
  readonly channel: vscode.LogOutputChannel;
  readonly report: (error: unknown) => void;
}

/** Who carries out which command, and what each is given. No decision is made here. */
export function handlersOf(knowledge: Knowledge, surfaces: Surfaces, flows: Flows, context: Context): CommandHandlers {
  const { api, acts, facts, guardian, logs, money, prices, store, watch } = knowledge;
  const { view, tabs, browsers, targets, texts } = surfaces;
  const { saver, creating, workflows, rounds } = flows;
  const { disk, report, clock, settings, rules, vault, channel, subscriptions } = context;
  const ending = { facts, acts, store, watch, money, guardian, rules, saver, disk, settings, clock, report };
  return {
    ...accountCommands({ api, vault, settings, clock, facts, targets, rounds, store, money, channel }),
    ...machineCommands({ api, prices, facts, logs, settings, targets, texts, clock, subscriptions }),
    ...rowCommands(view),
    ...sessionCommands({ facts, targets, store, acts, money, prices, clock, ending }),
    ...openingCommands({ targets, tabs, browsers }),
    ...saveCommands(ending, targets),
    ...logCommands({ facts, logs, targets, clock, subscriptions }),
    ...guardCommands({ guardian, rules, facts, targets }),
    ...createCommands(creating, targets),
    ...workflows.handlers,
    ...historyCommands({ facts, money, texts, subscriptions }),
  };
}
