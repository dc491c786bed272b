import type * as vscode from 'vscode';
import type { GuardSettings } from './guardian/guardSettings';
import type { App } from './app';
import type { Clock } from './platform/clock';
import type { Rounds } from './windows/round';
import type { Surfaces } from './surfaces';
import { accountCommands, type Accounts } from './sidebar/ui/accountCommands';
import { arrangingCommand } from './sidebar/ui/arranging';
import type { CommandHandlers } from './platform/ui/commands';
import { createCommands, type CreateFlow } from './sidebar/ui/createCommands';
import { doctorCommands, type DoctorContext } from './sidebar/ui/doctor';
import { endAtCommand } from './guardian/ui/endAtCommand';
import { guardCommands } from './guardian/ui/guardCommands';
import { leaseCommands } from './guardian/ui/leaseCommands';
import { historyCommands } from './spending/ui/history';
import { logCommands } from './logs/ui/logCommands';
import { machineCommands } from './sidebar/ui/machineCommands';
import { openingCommands } from './page/ui/opening';
import { rowCommands } from './sidebar/ui/rowCommands';
import { saveCommands } from './sidebar/ui/saveCommands';
import type { EndContext } from './sidebar/ui/endSessions';
import { sessionCommands } from './sidebar/ui/sessionCommands';
import type { Settings } from './platform/ui/settings';
import type { Targets } from './sidebar/ui/targets';
import type { TokenVault } from './accounts/ui/tokenVault';
import type { Library } from './library';
import type { Workflows } from './workflows';

interface Flows {
  readonly ending: EndContext;
  readonly creating: CreateFlow;
  readonly workflows: Workflows;
  readonly library: Library;
  readonly rounds: Rounds;
}

interface Context extends Pick<vscode.ExtensionContext, 'subscriptions' | 'extension'> {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly guardSettings: () => GuardSettings;
  readonly doctoring: Pick<DoctorContext, 'sockets' | 'web' | 'disk' | 'outputsFolder' | 'storage'>;
  readonly keys: TokenVault;
  readonly accounts: Accounts;
  readonly channel: vscode.LogOutputChannel;
}

interface OfSessions {
  readonly targets: Targets;
  readonly ending: EndContext;
}
type SessionContext = Pick<Context, 'clock' | 'guardSettings' | 'extension' | 'subscriptions'>;

/** The handlers about sessions of one account, which need nothing that only the account in use has. */
export function sessionHandlersOf(app: App, { targets, ending }: OfSessions, context: SessionContext) {
  const { acts, appState, guardian, logs, money, store } = app;
  const { clock, guardSettings, extension, subscriptions } = context;
  const guarding = { guardian, guardSettings, appState, targets };
  return {
    ...sessionCommands({ appState, targets, store, acts, money, prices: money.prices, clock, ending, extension }),
    ...saveCommands(ending, targets),
    ...logCommands({ appState, logs, targets, clock, subscriptions }),
    ...guardCommands(guarding),
    ...leaseCommands(guarding),
    ...endAtCommand(guarding),
  } satisfies Partial<CommandHandlers>;
}

/** The handler of each command, with what it needs. No decision is made here. */
export function handlersOf(app: App, surfaces: Surfaces, flows: Flows, context: Context): CommandHandlers {
  const { api, appState, logs, money, store, windows } = app;
  const { prices } = money;
  const { view, tabs, browsers, targets, texts, arranged } = surfaces;
  const { ending, creating, workflows, library, rounds } = flows;
  const { clock, settings, keys, channel, subscriptions, extension, accounts } = context;
  const account = accountCommands({
    api,
    vault: keys,
    settings,
    clock,
    appState,
    targets,
    rounds,
    store,
    money,
    channel,
    accounts,
  });
  return {
    ...account,
    async refresh(target) {
      library.refresh();
      workflows.versions.forget();
      await account.refresh(target);
    },
    ...machineCommands({ api, prices, appState, logs, settings, targets, texts, clock, subscriptions }),
    ...rowCommands(view, clock),
    ...arrangingCommand(arranged),
    ...sessionHandlersOf(app, { targets, ending }, context),
    ...openingCommands({ targets, tabs, browsers }),
    ...createCommands(creating, targets),
    ...workflows.handlers,
    ...library.handlers,
    async saveVersion(target) {
      await workflows.handlers.saveVersion(target);
      library.refresh();
    },
    ...doctorCommands(
      { ...context.doctoring, api, appState, store, leadership: windows.leadership, vault: keys, extension },
      { texts, subscriptions },
    ),
    ...historyCommands({ appState, money, tabs, clock, extension, subscriptions }),
  };
}
