import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { textToRead } from './shown';

const SCHEME = 'comfydeploy';

/** Texts to read, in editors that cannot change them. */
export class Texts implements vscode.TextDocumentContentProvider {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #texts = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent({ path }: vscode.Uri): string {
    return this.#texts.get(path) ?? l10n.t('This text is from an earlier window. Open it again.');
  }

  /** @param name the title of its tab; a text of the same name is replaced. */
  async show(name: string, text: string): Promise<void> {
    const [title, page] = textToRead(name, text);
    const uri = uriOf(title);
    this.#texts.set(uri.path, page);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Writes a text anew that has been shown. */
  update(name: string, text: () => string): void {
    const uri = uriOf(name);
    if (!this.#texts.has(uri.path)) return;
    this.#texts.set(uri.path, textToRead(name, text())[1]);
    this.#changed.fire(uri);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

function uriOf(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: name.replace(/[\\/]/g, '-') });
}
