import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { parseJson } from '../../platform/plainJson';

export const VALUE_SCHEME = 'comfydeploy-value';

/** Reads and replaces one value of a workflow file; the JSON text is undefined if the file no longer has it. */
export interface ValueAccess {
  readonly read: (file: vscode.Uri, key: string) => Promise<string | undefined>;
  /** @returns whether it was replaced. */
  readonly replace: (file: vscode.Uri, key: string, json: string) => Promise<boolean>;
}

/** A text as a file of its own, named for its tab. @param key names the value in the file. */
export function valueUri(file: vscode.Uri, key: string, name: string): vscode.Uri {
  const query = JSON.stringify([file.toString(), key]);
  return vscode.Uri.from({ scheme: VALUE_SCHEME, path: `/${name.replace(/[^\p{L}\p{N} _-]/gu, ' ')}.txt`, query });
}

/** VS Code would change it by showing it: it makes line ends alike, and a lone half of a character cannot be saved. */
export function isEditable(json: string): boolean {
  const text = parseJson(json);
  return typeof text === 'string' && !/\r|^\ufeff|\p{Surrogate}/u.test(text);
}

/** Texts inside workflow files, edited as plain text: saving writes the text back into its file, and nothing else changes there. */
export class ValueTexts implements vscode.FileSystemProvider {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  #time = 1;

  constructor(private readonly access: ValueAccess) {}

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length: size } = await this.readFile(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: this.#time, size };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const json = await this.access.read(...placeIn(uri));
    const text = json === undefined ? undefined : parseJson(json);
    if (typeof text !== 'string') throw gone();
    return new TextEncoder().encode(text);
  }

  async writeFile(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
    const [file, key] = placeIn(uri);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (!(await this.access.replace(file, key, JSON.stringify(text)))) throw gone();
    this.#time++;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): never {
    throw gone();
  }

  createDirectory(): never {
    throw gone();
  }

  delete(): never {
    throw gone();
  }

  rename(): never {
    throw gone();
  }
}

function placeIn({ query }: vscode.Uri): readonly [vscode.Uri, string] {
  const read = parseJson(query);
  const [file, key] = Array.isArray(read) ? read.map(String) : [];
  if (file === undefined || key === undefined) throw gone();
  return [vscode.Uri.parse(file, true), key];
}

function gone(): vscode.FileSystemError {
  return vscode.FileSystemError.Unavailable(l10n.t('The workflow file no longer has this text.'));
}
