import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { TEXT_SCHEME } from './lateTexts';
import { textToRead } from './shown';

/** Read-only texts in editors. */
export class Texts {
  readonly #texts = new Map<string, string>();

  /** @param changed called when a text has changed. */
  constructor(private readonly changed: (uri: vscode.Uri) => void) {}

  readonly textOf = ({ path }: vscode.Uri): string =>
    this.#texts.get(path) ?? l10n.t('This text is from an earlier window. Open it again.');

  /** @param name the title of its tab; replaces a text with the same name. */
  async show(name: string, text: string, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.#put(name, text));
    await vscode.window.showTextDocument(document, { preview: true, ...options });
  }

  /** Two texts side by side, each with its name. */
  async compare(title: string, ...sides: readonly (readonly [name: string, text: string])[]): Promise<void> {
    const uris = sides.map(([name, text]) => this.#put(name, text));
    await vscode.commands.executeCommand('vscode.diff', ...uris, textToRead(title, '')[0]);
  }

  #put(name: string, text: string): vscode.Uri {
    const [title, page] = textToRead(name, text);
    const uri = uriOf(title);
    this.#texts.set(uri.path, page);
    this.changed(uri);
    return uri;
  }
}

function uriOf(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: TEXT_SCHEME, path: name.replace(/[\\/]/g, '-') });
}
