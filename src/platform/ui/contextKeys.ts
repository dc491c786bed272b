import * as vscode from 'vscode';

/** Words for `when` clauses, told to VS Code whenever they change. */
export class ContextKeys {
  readonly #told = new Map<string, string>();

  set(key: string, words: string): void {
    if (this.#told.get(key) === words) return;
    this.#told.set(key, words);
    void vscode.commands.executeCommand('setContext', key, words);
  }
}
