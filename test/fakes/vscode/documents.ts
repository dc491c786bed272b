import type * as vscode from 'vscode';

/** A text that its owner rewrites when it fires a change. */
export class FakeDocument implements Pick<vscode.TextDocument, 'uri' | 'getText'> {
  #text = '';

  constructor(
    readonly uri: vscode.Uri,
    private readonly provider: vscode.TextDocumentContentProvider,
  ) {
    provider.onDidChange?.(() => void this.read());
  }

  async read(): Promise<void> {
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
    this.#text = (await this.provider.provideTextDocumentContent(this.uri, token)) ?? '';
  }

  getText(): string {
    return this.#text;
  }
}
