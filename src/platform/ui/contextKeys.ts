import * as vscode from 'vscode';

/** Words for `when` clauses, sent to VS Code whenever they change. */
export class ContextKeys {
  readonly #sent = new Map<string, string>();

  set(key: string, words: string): void {
    if (this.#sent.get(key) === words) return;
    this.#sent.set(key, words);
    void vscode.commands.executeCommand('setContext', key, words);
  }
}
