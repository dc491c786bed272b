import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { statusOf, type StatusInput, type StatusSettings } from '../status';
import { drawStatus, statusBarItem } from '../../platform/ui/shown';

/** The session that ends next, in the status bar; a click offers what can be done with it. */
export class StatusItem implements vscode.Disposable {
  readonly #item = statusBarItem('comfydeploy.status', l10n.t('ComfyDeploy Sessions'));

  constructor(
    private readonly facts: () => StatusInput,
    private readonly settings: () => StatusSettings,
  ) {
    this.redraw();
  }

  redraw(): void {
    const status = statusOf(this.facts(), this.settings());
    if (!status) return this.#item.hide();
    drawStatus(this.#item, status);
    this.#item.backgroundColor = status.isUrgent ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.command = {
      command: 'comfydeploy.sessionActions',
      title: l10n.t('Session Actions'),
      arguments: [{ kind: 'session', sessionId: status.sessionId }],
    };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
