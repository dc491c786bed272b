import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { ComfyDeployClient } from '../../comfydeploy/client';
import type { Machine } from '../../comfydeploy/model';
import type { PriceList } from '../../spending/priceList';
import { machineDay, startErrors, type MachineDayInput } from '../machineText';
import type { Clock } from '../../platform/clock';
import type { Logs } from '../../logs/logs';
import type { CommandHandlers } from '../../platform/ui/commands';
import { LogTerminals } from '../../logs/ui/logTerminals';
import type { Settings } from '../../platform/ui/settings';
import { inform } from '../../platform/ui/shown';
import type { Targets } from './targets';
import type { Texts } from '../../platform/ui/texts';

export interface MachineContext extends Pick<vscode.ExtensionContext, 'subscriptions'> {
  readonly api: Pick<ComfyDeployClient, 'listMachineEvents' | 'listStartErrors'>;
  readonly prices: PriceList;
  readonly appState: () => MachineDayInput;
  readonly logs: Pick<Logs, 'followBuild'>;
  readonly settings: Settings;
  readonly targets: Targets;
  readonly texts: Texts;
  readonly clock: Clock;
}

/** Commands that show something about a machine. Its row names it, so they never ask which. */
export function machineCommands(
  context: MachineContext,
): Pick<CommandHandlers, 'openMachineInDashboard' | 'showBuildLog' | 'showStartError' | 'showMachineDay'> {
  const { api, prices, appState, logs, settings, targets, texts, clock, subscriptions } = context;
  const terminals = new LogTerminals(clock);
  subscriptions.push(terminals);
  return {
    async openMachineInDashboard(target) {
      const machine = targets.machineNear(target);
      if (machine) await vscode.env.openExternal(settings.dashboardPage(`/machines/${encodeURIComponent(machine.id)}`));
    },

    showBuildLog(target) {
      const machine = targets.machineNear(target);
      const version = machine?.versionId;
      if (machine && version !== undefined) {
        const follow = (changed: () => void) => logs.followBuild(version, changed);
        terminals.show(version, { name: l10n.t('ComfyDeploy: build of {0}', machine.name), follow, lastWords });
      }
      return Promise.resolve();
    },

    async showStartError(target) {
      const machine = targets.machineNear(target);
      const errors = machine?.versionId === undefined ? [] : await api.listStartErrors(machine.versionId);
      if (machine && errors.length > 0)
        return texts.show(l10n.t('Failed starts of {0}', machine.name), startErrors(machine, errors));
      if (machine) void inform(noErrors(machine));
    },

    async showMachineDay(target) {
      const machine = targets.machineNear(target);
      if (!machine) return;
      const [{ rows }] = await Promise.all([api.listMachineEvents(machine.id), prices.refresh()]);
      await texts.show(l10n.t('Last 24 hours of {0}', machine.name), machineDay(machine, rows, appState()));
    },
  };
}

const lastWords = (): string => l10n.t('This is the end of the build log.');

function noErrors({ name }: Machine): string {
  return l10n.t('No failed starts on {0} in the last 4 hours. ComfyDeploy keeps errors for 4 hours only.', name);
}
