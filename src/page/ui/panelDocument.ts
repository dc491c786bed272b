import type * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import { SECOND } from '../../platform/units';

/** A document that has not loaded after this long is replaced anyway, ms. */
const PATIENCE = 5 * SECOND;

/**
 * The document of a tab, replaced only once it has loaded. VS Code (1.139, `webview/browser/pre/index.html`) has one
 * timer for all documents of a tab: if an older one finishes loading after a newer one has come, it consumes the newer
 * one's timer, and the newer one is never shown.
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

  /** Whether there is a document yet. */
  get isThere(): boolean {
    return this.#nonce !== '';
  }

  /** Whether a newer document waits for this one to load. */
  get isOutdated(): boolean {
    return this.#next !== undefined;
  }

  /** Distinguishes messages of the current document from those of one that is being replaced. */
  isFrom(nonce: string): boolean {
    return this.isThere && nonce === this.#nonce;
  }

  /** @param make the text of the document, called when it is its turn; the nonce is for its scripts. */
  replace(make: (nonce: string) => string): void {
    this.#next = make;
    if (!this.#isLoading) this.#write();
  }

  /** The document has loaded; writes the waiting one, if any. */
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
