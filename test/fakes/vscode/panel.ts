import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';
import { Uri, ViewColumn } from './values';

/** The page inside an editor tab: the documents it got, and what it posts. */
export class FakeWebview implements vscode.Webview {
  readonly #received = new Emitter<unknown>();
  readonly #loaded = new Emitter<string>();
  readonly #posts = new Emitter<unknown>();
  /** A document has been set. */
  readonly onDidLoad = this.#loaded.event;
  readonly onDidPost = this.#posts.event;
  readonly onDidReceiveMessage: vscode.Event<unknown> = this.#received.event;
  readonly cspSource = 'https://webview.test';
  readonly documents: string[] = [];
  readonly posted: unknown[] = [];
  options: vscode.WebviewOptions = {};
  /** Whether its documents load at once when set, and their scripts report it. */
  loadsAtOnce = true;

  get html(): string {
    return this.documents.at(-1) ?? '';
  }

  set html(html: string) {
    this.documents.push(html);
    this.#loaded.fire(html);
    queueMicrotask(() => this.loadsAtOnce && this.html === html && this.finishLoading());
  }

  postMessage(message: unknown): Promise<boolean> {
    this.posted.push(message);
    this.#posts.fire(message);
    return Promise.resolve(true);
  }

  asWebviewUri(file: vscode.Uri): Uri {
    return Uri.parse(`${this.cspSource}${file.path}`);
  }

  /** The script of the document on show reports that it has loaded. */
  finishLoading(): void {
    this.send({ type: 'loaded', from: /<script nonce="([^"]+)"/.exec(this.html)?.[1] });
  }

  /** A message from the page's script. */
  send(message: unknown): void {
    this.#received.fire(message);
  }
}

export class FakePanel implements vscode.WebviewPanel {
  readonly #disposed = new Emitter<void>();
  readonly #moved = new Emitter<vscode.WebviewPanelOnDidChangeViewStateEvent>();
  readonly onDidDispose = this.#disposed.event;
  readonly onDidChangeViewState = this.#moved.event;
  readonly webview = new FakeWebview();
  active = true;
  visible = true;
  isDisposed = false;
  revealed = 0;
  iconPath?: vscode.Uri | { readonly light: vscode.Uri; readonly dark: vscode.Uri };

  constructor(
    readonly viewType: string,
    public title: string,
    readonly options: vscode.WebviewPanelOptions = {},
    /** As requested by the extension. */
    public viewColumn: vscode.ViewColumn = ViewColumn.One,
  ) {}

  reveal(column?: vscode.ViewColumn): void {
    this.revealed++;
    if (column !== undefined) this.viewColumn = column;
    this.move({ active: true, visible: true });
  }

  /** The user goes to another tab, or comes back. */
  move({ active, visible }: Pick<vscode.WebviewPanel, 'active' | 'visible'>): void {
    this.active = active;
    this.visible = visible;
    this.#moved.fire({ webviewPanel: this });
  }

  /** Closing the tab does the same. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#disposed.fire();
  }
}
