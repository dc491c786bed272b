import type * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import { SECOND } from '../../platform/units';

/** A document that has not loaded by then is replaced all the same. */
const PATIENCE = 5 * SECOND;

/**
 * The document of a tab, replaced only once it has loaded. VS Code (1.139, `webview/browser/pre/index.html`) has one timer
 * for all documents of a tab: an older one that finishes loading after a newer one has come takes the newer's, which is
 * then never shown.
 */
export class PanelDocument implements Disposable {
  #nonce = '';
  #isLoading = false;
  #next: ((nonce: string) => string) | undefined;
  #patience: Disposable | undefined;

  constructor(
    private readonly webview: Pick<vscode.Webview, 'html'>,
    private readonly clock: Clock,
  ) {}

  /** Whether there is one yet. */
  get isThere(): boolean {
    return this.#nonce !== '';
  }

  /** Whether another one takes its place as soon as it has loaded. */
  get isOutdated(): boolean {
    return this.#next !== undefined;
  }

  /** A document that is being replaced may still answer. */
  isFrom(nonce: string): boolean {
    return this.isThere && nonce === this.#nonce;
  }

  /** @param make the text of the document, asked for when it is its turn; the nonce is that of its scripts. */
  replace(make: (nonce: string) => string): void {
    this.#next = make;
    if (!this.#isLoading) this.#write();
  }

  /** It has loaded, and makes room for one that waits. */
  loaded(): 'kept' | 'replaced' {
    this.#isLoading = false;
    this.#patience?.dispose();
    if (!this.isOutdated) return 'kept';
    this.#write();
    return 'replaced';
  }

  dispose(): void {
    this.#patience?.dispose();
  }

  #write(): void {
    const make = this.#next;
    if (!make) return;
    this.#next = undefined;
    this.#nonce = crypto.randomUUID();
    this.#isLoading = true;
    this.#patience = this.clock.after(PATIENCE, () => this.loaded());
    this.webview.html = make(this.#nonce);
  }
}
