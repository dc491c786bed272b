import * as vscode from 'vscode';

export const TEXT_SCHEME = 'comfydeploy';

/** Read-only texts, whose implementation is loaded when the first one is shown. */
export class LateTexts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(TEXT_SCHEME, this);

  constructor(private readonly texts: () => Promise<{ readonly textOf: (uri: vscode.Uri) => string }>) {}

  readonly notify = (uri: vscode.Uri): void => this.#changed.fire(uri);

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return (await this.texts()).textOf(uri);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
