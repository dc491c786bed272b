import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { accountLines, type OtherAccount } from '../accounts';
import { statusOf, type StatusInput, type StatusSettings } from '../status';
import { drawStatus, statusBarItem } from '../../platform/ui/shown';

const WARNING = 'statusBarItem.warningBackground';

/**
 * Shows the session that ends next in the status bar; a click lists all sessions, then the actions for the chosen one.
 */
export class StatusItem implements vscode.Disposable {
  readonly #item = statusBarItem('comfydeploy.status', l10n.t('ComfyDeploy Sessions'));

  constructor(
    private readonly appState: () => StatusInput,
    private readonly settings: () => StatusSettings,
    private readonly others: () => readonly OtherAccount<StatusInput>[],
  ) {
    // Set once: a new command would make VS Code forget the arguments of the previous one, and with them a click under
    // way.
    this.#item.command = {
      command: 'comfydeploy.sessionActions',
      title: l10n.t('Session Actions'),
      arguments: [{ kind: 'all' }],
    };
    this.redraw();
  }

  redraw(): void {
    const others = this.others();
    // The account in use goes first, unless only another one has a session, or one that is about to end.
    const all = [this.appState, ...others.map(({ appState }) => appState)].flatMap(
      (appState) => statusOf(appState(), this.settings()) ?? [],
    );
    const status = all.find(({ isUrgent }) => isUrgent) ?? all[0];
    if (!status) return this.#item.hide();
    const lines = [...status.tooltip.lines, ...accountLines(this.appState(), others)];
    drawStatus(this.#item, { ...status, tooltip: { ...status.tooltip, lines } });
    // The dark high contrast theme has no background for warnings; our manifest defines one.
    this.#item.backgroundColor = status.isUrgent ? new vscode.ThemeColor(WARNING) : undefined;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
