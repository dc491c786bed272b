import * as vscode from 'vscode';
import type { FileBytes } from '../fileParts';
import { CARRIERS, type ReadingFile } from './carriers';
import { isOurs, NOT_OURS } from './workflowFiles';

/** The most pictures that are listed when the window opens. */
const FIRST = 200;
/** Bytes; what the first read of a file is for is near its beginning. */
const HEAD = 4 * 1024;
/** Bytes; the cost of a read besides its length. */
const EACH = 192;

/**
 * Finds out which pictures, videos and audio files of the window contain no workflow, for the explorer's menu: a
 * context key has their paths. Files that were not read keep their entries.
 */
export class PlainPictures implements vscode.Disposable {
  readonly #plain = new Set<string>();
  /** Still to be read. */
  readonly #due = new Set<string>();
  #looking: Promise<void> | undefined;
  #watcher: vscode.FileSystemWatcher | undefined;
  /** What may still be read unasked in this window, bytes. */
  #left = 4 * 1024 * 1024;

  constructor(private readonly readingFile: ReadingFile) {}

  /** Starts reading files. Not called while nobody is signed in, when menus would be useless. */
  begin(): void {
    if (this.#watcher) return;
    const { onDidCreate, onDidChange, onDidDelete } = (this.#watcher =
      vscode.workspace.createFileSystemWatcher(CARRIERS));
    for (const event of [onDidCreate, onDidChange, onDidDelete]) event((uri) => isOurs(uri) && this.#look([uri]));
    vscode.workspace.findFiles(CARRIERS, `**/{${NOT_OURS.join(',')}}/**`, FIRST).then(
      (found) => this.#look(found),
      () => undefined, // the files keep their entries
    );
  }

  /** Reads a file for a workflow, and notes whether there is one. */
  readonly reading: ReadingFile = async (path, work) => {
    const found = await this.readingFile(path, work);
    this.#note(path, found === undefined);
    if (!this.#looking) this.#notify();
    return found;
  };

  dispose(): void {
    this.#left = 0;
    this.#watcher?.dispose();
  }

  #look(files: readonly vscode.Uri[]): void {
    for (const { scheme, fsPath } of files) if (scheme === 'file') this.#due.add(fsPath);
    const done = () => {
      this.#looking = undefined;
      this.#notify();
    };
    this.#looking ??= this.#lookAtDue().then(done, done);
  }

  async #lookAtDue(): Promise<void> {
    for (const path of this.#due) {
      this.#due.delete(path); // it is visited again if it changes meanwhile
      const { carriedIn } = await import('../carried');
      const look = (file: FileBytes) => carriedIn({ size: file.size, read: (...part) => this.#read(file, ...part) });
      if (this.#left <= 0) this.#note(path, false);
      else await this.reading(path, look).catch(() => this.#note(path, false)); // gone, or too much to read
    }
  }

  async #read({ read }: FileBytes, from: number, length: number): Promise<Uint8Array> {
    const asked = from === 0 ? Math.min(length, HEAD) : length;
    this.#left -= EACH;
    if (asked > this.#left) throw new Error('too much');
    this.#left -= asked;
    return read(from, asked);
  }

  #note(path: string, isPlain: boolean): void {
    if (isPlain) this.#plain.add(path);
    else this.#plain.delete(path);
  }

  #notify(): void {
    const paths = [...this.#plain].flatMap((path) => [path, vscode.Uri.file(path).path]);
    void vscode.commands.executeCommand('setContext', 'comfydeploy.plain', paths);
  }
}
