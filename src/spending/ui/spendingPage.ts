import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Prices, SessionId } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import { MINUTE, SECOND } from '../../platform/units';
import { run } from '../../platform/ui/commands';
import { webviewPanel } from '../../platform/ui/shown';
import type { Snapshot } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import type { History } from '../history';
import type { LeaseOffer } from '../menus';
import { liveStretches, type Spending } from '../spending';
import { spendingDocument } from '../spendingDocument';
import { idOf, spendingContent } from '../spendingHtml';
import type { SpendingLimits } from '../spendingLimits';
import type { Usages } from '../usages';

export interface SpendingInput {
  readonly snapshot: Snapshot;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly limits: { readonly spendingLimits: SpendingLimits; readonly lease: Pick<LeaseOffer, 'mostHours'> };
  /** Server time, ms. */
  readonly now: number;
}

export interface SpendingPageContext {
  readonly appState: () => SpendingInput;
  readonly history: Pick<History, 'receipts' | 'read' | 'onDidChange'>;
  readonly usageOf: Usages['of'];
  readonly clock: Pick<Clock, 'after'>;
  readonly extension: Pick<vscode.Extension<unknown>, 'extensionUri'>;
  readonly tabs: {
    /** Shows what is known of a session that is over. */
    showOver(id: SessionId, title: string): void;
  };
}

/** `loaded`, `export`, or what the id of a row's button is. */
const FromPage = z.lazy(() => z.string());

/** The tab that shows what was spent. While it is hidden, nothing is added up. */
export class SpendingPage implements Disposable {
  #panel: vscode.WebviewPanel | undefined;
  #next: Disposable | undefined;
  readonly #listening: Disposable;

  constructor(private readonly context: SpendingPageContext) {
    this.#listening = context.history.onDidChange(() => this.#postAfter(SECOND));
  }

  async show(): Promise<void> {
    await this.context.history.read();
    if (!this.#panel) return this.#open();
    this.#panel.reveal();
    this.#post();
  }

  dispose(): void {
    this.#listening.dispose();
    this.#panel?.dispose();
  }

  #open(): void {
    const title = l10n.t('ComfyDeploy Spending');
    const panel = webviewPanel('comfydeploy.spending', title, vscode.ViewColumn.Active, {});
    const { webview } = panel;
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.context.extension.extensionUri, 'media', 'tab.svg');
    webview.options = { enableScripts: true, localResourceRoots: [] };
    webview.onDidReceiveMessage((message: unknown) => this.#hear(message));
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#next?.dispose();
    });
    webview.html = spendingDocument({ title, language: vscode.env.language, nonce: crypto.randomUUID() });
  }

  #hear(message: unknown): void {
    const { data = '' } = FromPage.safeParse(message);
    if (data === 'loaded') this.#post();
    if (data === 'export') void run('exportHistory');
    const receipt = [...this.context.history.receipts.values()].find((one) => idOf(one) === data);
    if (!receipt) return;
    const { sessionId, machine = [], gpu } = receipt.opened;
    if (receipt.closed) this.context.tabs.showOver(sessionId, [machine, gpu].flat().join(' · '));
    else void runOnSession('openSession', sessionId);
  }

  /** A hidden page asks once it is back. */
  #post(): void {
    if (!this.#panel?.visible) return;
    const { snapshot, prices, spending, limits, now } = this.context.appState();
    const { receipts } = this.context.history;
    const live = liveStretches(snapshot, receipts, prices, now);
    const { usageOf } = this.context;
    const input = { receipts, live, usageOf, spending, limits: limits.spendingLimits, lease: limits.lease, now };
    void this.#panel.webview.postMessage(spendingContent(input));
    if (live.length > 0) this.#postAfter(MINUTE);
  }

  #postAfter(ms: number): void {
    this.#next?.dispose();
    if (this.#panel) this.#next = this.context.clock.after(ms, () => this.#post());
  }
}
