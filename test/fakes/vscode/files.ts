import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';
import { FileType, Uri } from './values';

/** The files of the window's workspace, as a person or a tool changes them. */
export class FakeFiles {
  readonly kept = new Map<string, string>();
  readonly #created = new Emitter<vscode.Uri>();
  readonly #changed = new Emitter<vscode.Uri>();
  readonly #deleted = new Emitter<vscode.Uri>();

  /** In VS Code's explorer. */
  readonly renamed = new Emitter<vscode.FileRenameEvent>();
  readonly removed = new Emitter<vscode.FileDeleteEvent>();

  /** Contents of files that are not UTF-8. */
  readonly #bytes = new Map<string, Uint8Array>();

  writeBytes(path: string, bytes: Uint8Array): Uri {
    this.#bytes.set(uriOf(path).toString(), bytes);
    return this.write(path, '');
  }

  write(path: string, text: string): Uri {
    const uri = uriOf(path);
    const isNew = !this.kept.has(uri.toString());
    this.kept.set(uri.toString(), text);
    (isNew ? this.#created : this.#changed).fire(uri);
    return uri;
  }

  /** Deleting a folder deletes everything in it; VS Code announces only the folder. */
  delete(path: string): void {
    const address = uriOf(path).toString();
    for (const key of [...this.kept.keys()])
      if (key === address || key.startsWith(`${address}/`)) this.kept.delete(key);
    this.#deleted.fire(uriOf(path));
  }

  /** By the user, in the explorer. */
  rename(from: string, to: string): Uri {
    const text = this.kept.get(uriOf(from).toString()) ?? '';
    this.delete(from);
    const uri = this.write(to, text);
    this.renamed.fire({ files: [{ oldUri: uriOf(from), newUri: uri }] });
    return uri;
  }

  read(uri: vscode.Uri): Promise<Uint8Array> {
    const text = this.kept.get(uri.toString());
    if (text === undefined) return Promise.reject(new Error(`FileNotFound: ${uri.path}`));
    return Promise.resolve(this.#bytes.get(uri.toString()) ?? new TextEncoder().encode(text));
  }

  /** Reads a file for an editor; undefined if there is no such file. */
  providerOf(uri: vscode.Uri): vscode.TextDocumentContentProvider | undefined {
    const address = uri.toString();
    return this.kept.has(address) ? { provideTextDocumentContent: () => this.kept.get(address) } : undefined;
  }

  /** The files and folders in a folder. */
  within(folder: vscode.Uri): [string, vscode.FileType][] {
    const before = `${folder.toString()}/`;
    const inside = [...this.kept.keys()].filter((address) => address.startsWith(before));
    const entries = new Map<string, vscode.FileType>();
    for (const [name = '', ...deeper] of inside.map((address) => address.slice(before.length).split('/')))
      entries.set(decodeURIComponent(name), deeper.length > 0 ? FileType.Directory : FileType.File);
    return [...entries];
  }

  /** The files that a glob names. */
  like(glob: vscode.GlobPattern): Uri[] {
    return [...this.kept.keys()].map((address) => Uri.parse(address)).filter((uri) => isLike(uri, glob));
  }

  watcher(glob: vscode.GlobPattern): vscode.FileSystemWatcher {
    const those =
      ({ event }: Emitter<vscode.Uri>): vscode.Event<vscode.Uri> =>
      (listener) =>
        event((uri) => {
          if (isLike(uri, glob)) listener(uri);
        });
    return {
      ignoreCreateEvents: false,
      ignoreChangeEvents: false,
      ignoreDeleteEvents: false,
      onDidCreate: those(this.#created),
      onDidChange: those(this.#changed),
      onDidDelete: this.#deleted.event, // folders are among them
      dispose: () => undefined,
    };
  }
}

/** Open texts, saved or not. */
export class FakeTexts {
  readonly opened = new Emitter<vscode.TextDocument>();
  readonly changed = new Emitter<vscode.TextDocumentChangeEvent>();
  readonly closed = new Emitter<vscode.TextDocument>();
  /** Another text comes to the front. */
  readonly fronted = new Emitter<unknown>();
  readonly #texts = new Map<string, string>();
  readonly #dirty = new Set<string>();
  readonly #versions = new Map<string, number>();
  /** One for as long as it is open, as in VS Code. */
  readonly #documents = new Map<string, vscode.TextDocument>();
  /** The text in front. */
  active: vscode.TextDocument | undefined;

  get all(): readonly vscode.TextDocument[] {
    return [...this.#texts.keys()].map((address) => this.#documentOf(address));
  }

  /** Opens a file in front of the others. */
  open(uri: Uri, text: string): void {
    this.#texts.set(uri.toString(), text);
    this.active = this.#documentOf(uri.toString());
    this.opened.fire(this.active);
    this.fronted.fire(undefined);
  }

  /** Typed text is not in the file until it is saved. */
  type(uri: Uri, text: string): void {
    this.#texts.set(uri.toString(), text);
    this.#dirty.add(uri.toString());
    this.#versions.set(uri.toString(), (this.#versions.get(uri.toString()) ?? 1) + 1);
    this.changed.fire({ document: this.#documentOf(uri.toString()), contentChanges: [], reason: undefined });
  }

  /** As an extension changes it. */
  replace(uri: Uri, { start, end }: vscode.Range, text: string): void {
    const before = this.#texts.get(uri.toString()) ?? '';
    const lines = before.split('\n');
    const offsetOf = ({ line, character }: vscode.Position) =>
      lines.slice(0, line).join('\n').length + Number(line > 0) + character;
    this.type(uri, before.slice(0, offsetOf(start)) + text + before.slice(offsetOf(end)));
  }

  close(uri: Uri): void {
    const document = this.#documentOf(uri.toString());
    this.#texts.delete(uri.toString());
    this.#documents.delete(uri.toString());
    this.active = undefined;
    this.closed.fire(document);
    this.fronted.fire(undefined);
  }

  #documentOf(address: string): vscode.TextDocument {
    const known = this.#documents.get(address) ?? this.#newDocument(address);
    this.#documents.set(address, known);
    return known;
  }

  #newDocument(address: string): vscode.TextDocument {
    const getText = () => this.#texts.get(address) ?? '';
    const isDirty = () => this.#dirty.has(address);
    const version = () => this.#versions.get(address) ?? 1;
    const document = {
      uri: Uri.parse(address),
      getText,
      lineAt: ({ line }: vscode.Position) => ({ text: getText().split('\n')[line] ?? '' }),
      save: () => Promise.resolve(this.#dirty.delete(address)),
      get lineCount() {
        return getText().split('\n').length;
      },
      get isDirty() {
        return isDirty();
      },
      get version() {
        return version();
      },
    };
    return document as unknown as vscode.TextDocument;
  }
}

/** @param path within the workspace, or absolute, of a file on the disk */
function uriOf(path: string): Uri {
  return path.startsWith('/') ? Uri.file(path) : Uri.parse(`file:///workspace/${path}`);
}

/** Of a glob with endings alone, such as `*.{png,webp}`; any other names all files. */
function isLike({ path }: vscode.Uri, glob: vscode.GlobPattern): boolean {
  const [, endings] = /^\*\*\/\*\.\{?([\w,]+)\}?$/.exec(typeof glob === 'string' ? glob : glob.pattern) ?? [];
  return endings?.split(',').some((ending) => path.endsWith(`.${ending}`)) ?? true;
}
