import * as vscode from 'vscode';
import { sleep } from '../../platform/clock';
import { Emitter } from '../../platform/emitter';
import { TEXT_SCHEME } from '../../platform/ui/lateTexts';
import { nameOf } from './workflowFile';
import { Looks, PRESUMED, type Kinds, type LooksContext } from './workflowLooks';

export interface WorkflowFilesContext extends LooksContext {
  readonly report: (error: unknown) => void;
}

const EVERYWHERE = '**/*.json';
/** Folders that tools fill with thousands of files. */
export const NOT_OURS = ['node_modules', '.git', '.venv', 'venv', '__pycache__'];
/** The most files that are listed when the window opens; others are found when they are opened or changed. */
const MOST_FILES = 1_000;
/** Usual names of workflows: they are read first, and get menus even if they were not read. */
const LIKELY_NAME = /workflow|comfy|[-_. ]api\b|prompt|graph/i;
/** After the last key, ms. */
const REST_MS = 500;

/**
 * Finds out which files of the window are workflows, by their content, for the menus of the explorer and the editor.
 * The menus read two context keys with paths: of files that can be drawn, and of files that can be queued.
 */
export class WorkflowFiles implements vscode.Disposable {
  /** By address. */
  readonly #known = new Map<string, Known>();
  readonly #owned: vscode.Disposable[] = [];
  readonly #over = new AbortController();
  /** Changed texts that the user is still typing, by address. */
  readonly #typing = new Map<string, AbortController>();
  /** Still to be read, by address. */
  readonly #due = new Map<string, vscode.Uri>();
  #looking: Promise<void> | undefined;
  #hasBegun = false;
  readonly #changed = new Emitter<void>();
  /** Other files are known to be workflows than before, or they are of other kinds. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly context: WorkflowFilesContext) {}

  /** Starts reading files. Not called while nobody is signed in, when menus would be useless. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { workspace } = vscode;
    const watcher = workspace.createFileSystemWatcher(EVERYWHERE);
    const look = (uri: vscode.Uri) => this.#look(uri);
    const lookIfOurs = (uri: vscode.Uri) => isOurs(uri) && look(uri);
    this.#owned.push(
      watcher,
      watcher.onDidCreate(lookIfOurs),
      watcher.onDidChange(lookIfOurs),
      watcher.onDidDelete((uri) => this.#forget(uri)),
      workspace.onDidOpenTextDocument(({ uri }) => isJson(uri) && look(uri)),
      workspace.onDidChangeTextDocument(({ document: { uri } }) => isJson(uri) && this.#type(uri)),
      // Unsaved changes are gone, and what was only shown is no file.
      workspace.onDidCloseTextDocument(
        ({ uri }) => isJson(uri) && (uri.scheme === TEXT_SCHEME ? this.#forget(uri) : look(uri)),
      ),
      workspace.onDidChangeWorkspaceFolders(() => void this.#lookEverywhere().catch(this.context.report)),
    );
    void this.#lookEverywhere().catch(this.context.report);
  }

  /** The known workflow files of the window, to choose from. */
  get known(): readonly vscode.Uri[] {
    return [...this.#known.values()].map(({ uri }) => uri);
  }

  dispose(): void {
    this.#over.abort();
    for (const one of this.#owned) one.dispose();
  }

  async #lookEverywhere(): Promise<void> {
    const found = await vscode.workspace.findFiles(EVERYWHERE, `**/{${NOT_OURS.join(',')}}/**`, MOST_FILES);
    const looks = Looks.atFirst(this.context);
    for (const { uri } of vscode.workspace.textDocuments) if (isJson(uri)) await this.#sort(uri);
    const names = new Map(found.map((uri) => [uri, LIKELY_NAME.test(nameOf(uri))]));
    for (const uri of [...found].sort((a, b) => Number(names.get(b)) - Number(names.get(a)))) {
      if (this.#over.signal.aborted) return;
      await this.#sort(uri, looks, names.get(uri) ? PRESUMED : undefined);
    }
    this.#notify();
  }

  #type(uri: vscode.Uri): void {
    const address = uri.toString();
    this.#typing.get(address)?.abort();
    const rest = new AbortController();
    this.#typing.set(address, rest);
    const signal = AbortSignal.any([rest.signal, this.#over.signal]);
    sleep(this.context.clock, REST_MS, signal).then(
      () => {
        this.#typing.delete(address);
        this.#look(uri);
      },
      () => undefined, // the user typed more, or the window is closed
    );
  }

  /** Reads one after the other, and reports the results once for all: tools write thousands of files at a time. */
  #look(uri: vscode.Uri): void {
    this.#due.set(uri.toString(), uri);
    this.#looking ??= this.#lookAtDue().finally(() => (this.#looking = undefined));
  }

  async #lookAtDue(): Promise<void> {
    let isNew = false;
    for (let [next] = this.#due; next && !this.#over.signal.aborted; [next] = this.#due) {
      const [address, uri] = next;
      this.#due.delete(address);
      isNew = (await this.#sort(uri).catch(this.context.report)) === true || isNew;
    }
    if (isNew) this.#notify();
  }

  /**
   * @param unseen what an unread file counts as when the limits are reached.
   * @returns whether the result has changed.
   */
  async #sort(uri: vscode.Uri, looks = new Looks(this.context), unseen?: Kinds): Promise<boolean> {
    const address = uri.toString();
    const seen = await looks.kindsOf(uri);
    const before = this.#known.get(address)?.kinds;
    const kinds = seen === 'unseen' ? (before ?? unseen) : seen;
    if (kinds) this.#known.set(address, { uri, kinds });
    else this.#known.delete(address);
    return before?.graph !== kinds?.graph || before?.prompt !== kinds?.prompt;
  }

  #forget(uri: vscode.Uri): void {
    const within = `${uri.toString()}/`; // the files of a deleted folder are not reported one by one
    const gone = [...this.#known.keys()].filter((known) => known === uri.toString() || known.startsWith(within));
    for (const address of gone) this.#known.delete(address);
    if (gone.length > 0) this.#notify();
  }

  /** By path: on another computer, the window has other addresses for the same files. */
  #notify(): void {
    const those = (kind: keyof Kinds) =>
      [...this.#known.values()]
        .filter(({ kinds }) => kinds[kind])
        .flatMap(({ uri: { path, fsPath } }) => [...new Set([path, fsPath])]);
    void vscode.commands.executeCommand('setContext', 'comfydeploy.graphs', those('graph'));
    void vscode.commands.executeCommand('setContext', 'comfydeploy.prompts', those('prompt'));
    this.#changed.fire();
  }
}

interface Known {
  readonly uri: vscode.Uri;
  readonly kinds: Kinds;
}

/** The path of the workspace itself does not matter. */
export function isOurs(uri: vscode.Uri): boolean {
  const folders = vscode.workspace.asRelativePath(uri, false).split('/');
  return !folders.some((folder) => NOT_OURS.includes(folder));
}

function isJson({ path, scheme }: vscode.Uri): boolean {
  return /\.json$/i.test(path) && scheme !== 'comfydeploy-output';
}
