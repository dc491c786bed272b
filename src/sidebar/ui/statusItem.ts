import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { statusOf, type StatusInput, type StatusSettings } from '../status';
import { drawStatus, statusBarItem } from '../../platform/ui/shown';

const WARNING = 'statusBarItem.warningBackground';

/** The session that ends next, in the status bar; a click lists all, and what can be done with the one that is chosen. */
export class StatusItem implements vscode.Disposable {
  readonly #item = statusBarItem('comfydeploy.status', l10n.t('ComfyDeploy Sessions'));

  constructor(
    private readonly appState: () => StatusInput,
    private readonly settings: () => StatusSettings,
  ) {
    // Once: VS Code forgets the arguments of the command before, and with them a click that is on its way.
    this.#item.command = {
      command: 'comfydeploy.sessionActions',
      title: l10n.t('Session Actions'),
      arguments: [{ kind: 'all' }],
    };
    this.redraw();
  }

  redraw(): void {
    const status = statusOf(this.appState(), this.settings());
    if (!status) return this.#item.hide();
    drawStatus(this.#item, status);
    // Dark high contrast knows no background for warnings: it has one by our manifest.
    this.#item.backgroundColor = status.isUrgent ? new vscode.ThemeColor(WARNING) : undefined;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
