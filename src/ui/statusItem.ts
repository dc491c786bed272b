import * as vscode from 'vscode';
import type { Facts } from '../core/present/facts';
import { statusOf } from '../core/present/status';
import { tooltipMarkdown } from './tooltip';

/** The session that ends next, in the status bar; a click offers what can be done with it. */
export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('comfydeploy.status', vscode.StatusBarAlignment.Left, 10);

  constructor(private readonly facts: () => Facts) {
    this.#item.name = 'ComfyDeploy Sessions';
    this.redraw();
  }

  redraw(): void {
    const status = statusOf(this.facts());
    if (!status) return this.#item.hide();
    this.#item.text = status.text;
    this.#item.tooltip = tooltipMarkdown(status.tooltip);
    this.#item.accessibilityInformation = { label: status.spoken };
    this.#item.backgroundColor = status.isUrgent ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.command = {
      command: 'comfydeploy.sessionActions',
      title: 'Session Actions',
      arguments: [{ kind: 'session', sessionId: status.sessionId }],
    };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
