import * as vscode from 'vscode';
import { readWorkflow, seemsWorkflow, type Workflow } from '../core/comfyui/workflow';
import { sleep, type Clock } from '../core/state/clock';

/** A file that holds a workflow, with what stands in it now, saved or not. */
export interface WorkflowFile {
  readonly uri: vscode.Uri;
  /** Its name without `.json`. */
  readonly name: string;
  readonly text: string;
  readonly workflow: Workflow;
}

export interface WorkflowFilesContext {
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

const EVERYWHERE = '**/*.json';
/** Folders that tools fill, with thousands of files at a time. */
const NOT_OURS = ['node_modules', '.git', '.venv', 'venv', '__pycache__'];
/** Looked into when the window opens; others are found when they are opened or changed. */
const MOST_FILES = 1_000;
/** The largest workflows have a few megabytes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** After the last key. */
const REST_MS = 500;

/**
 * Which files of the window are workflows, told by their content, for the menus of the explorer and the editor: they read
 * two context keys that hold paths, of files that can be drawn and of files that can be queued.
 */
export class WorkflowFiles implements vscode.Disposable {
  /** By address. */
  readonly #known = new Map<string, Known>();
  readonly #owned: vscode.Disposable[] = [];
  readonly #over = new AbortController();
  /** Changed texts that are still being typed, by address. */
  readonly #typing = new Map<string, AbortController>();
  #hasBegun = false;

  constructor(private readonly context: WorkflowFilesContext) {}

  /** Looks at the files from now on. Menus of somebody who is not signed in could lead nowhere. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { workspace } = vscode;
    const watcher = workspace.createFileSystemWatcher(EVERYWHERE);
    const look = (uri: vscode.Uri) => void this.#look(uri).catch(this.context.report);
    const lookIfOurs = (uri: vscode.Uri) => isOurs(uri) && look(uri);
    this.#owned.push(
      watcher,
      watcher.onDidCreate(lookIfOurs),
      watcher.onDidChange(lookIfOurs),
      watcher.onDidDelete((uri) => this.#forget(uri)),
      workspace.onDidOpenTextDocument(({ uri }) => isJson(uri) && look(uri)),
      workspace.onDidChangeTextDocument(({ document: { uri } }) => isJson(uri) && this.#type(uri)),
      workspace.onDidCloseTextDocument(({ uri }) => isJson(uri) && look(uri)), // what was not saved is gone
      workspace.onDidChangeWorkspaceFolders(() => void this.#lookEverywhere().catch(this.context.report)),
    );
    void this.#lookEverywhere().catch(this.context.report);
  }

  /** Those of the window that are known, for a choice. */
  get known(): readonly vscode.Uri[] {
    return [...this.#known.values()].map(({ uri }) => uri);
  }

  dispose(): void {
    this.#over.abort();
    for (const one of this.#owned) one.dispose();
  }

  async #lookEverywhere(): Promise<void> {
    const found = await vscode.workspace.findFiles(EVERYWHERE, `**/{${NOT_OURS.join(',')}}/**`, MOST_FILES);
    for (const { uri } of vscode.workspace.textDocuments) if (isJson(uri)) await this.#sort(uri);
    for (const uri of found) {
      if (this.#over.signal.aborted) return;
      await this.#sort(uri);
    }
    this.#tell();
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
        this.#look(uri).catch(this.context.report);
      },
      () => undefined, // more was typed, or the window is closed
    );
  }

  async #look(uri: vscode.Uri): Promise<void> {
    if (await this.#sort(uri)) this.#tell();
  }

  /** @returns whether it is something else than it was. */
  async #sort(uri: vscode.Uri): Promise<boolean> {
    const address = uri.toString();
    const text = await textOf(uri);
    const kinds = text === undefined ? undefined : kindsOf(text);
    const before = this.#known.get(address)?.kinds;
    if (kinds) this.#known.set(address, { uri, kinds });
    else this.#known.delete(address);
    return before?.graph !== kinds?.graph || before?.prompt !== kinds?.prompt;
  }

  #forget(uri: vscode.Uri): void {
    const within = `${uri.toString()}/`; // a folder's files are not told of singly
    const gone = [...this.#known.keys()].filter((known) => known === uri.toString() || known.startsWith(within));
    for (const address of gone) this.#known.delete(address);
    if (gone.length > 0) this.#tell();
  }

  /** By path: where we run on another computer than the window, it has other addresses for the same files. */
  #tell(): void {
    const those = (kind: keyof Kinds) =>
      [...this.#known.values()]
        .filter(({ kinds }) => kinds[kind])
        .flatMap(({ uri: { path, fsPath } }) => [...new Set([path, fsPath])]);
    void vscode.commands.executeCommand('setContext', 'comfydeploy.graphs', those('graph'));
    void vscode.commands.executeCommand('setContext', 'comfydeploy.prompts', those('prompt'));
  }
}

interface Known {
  readonly uri: vscode.Uri;
  readonly kinds: Kinds;
}

interface Kinds {
  readonly graph: boolean;
  readonly prompt: boolean;
}

function kindsOf(text: string): Kinds | undefined {
  const workflow = seemsWorkflow(text) ? readWorkflow(text) : undefined;
  return workflow && { graph: workflow.graph !== undefined, prompt: workflow.prompt !== undefined };
}

/** Undefined if it is no workflow, or cannot be read at all. */
export async function readWorkflowFile(uri: vscode.Uri): Promise<WorkflowFile | undefined> {
  const text = await textOf(uri);
  const workflow = text === undefined ? undefined : readWorkflow(text);
  return text === undefined || !workflow ? undefined : { uri, name: nameOf(uri), text, workflow };
}

/** Name of the file without folders and `.json`. */
export function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/i, '');
}

/** The file's text in an editor, where it is open in one. */
export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** What the user sees in an editor counts, saved or not. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const open = openDocument(uri);
  if (open) return open.getText();
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_BYTES) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined; // gone, or not for us to read
  }
}

/** The workspace itself may lie anywhere. */
function isOurs(uri: vscode.Uri): boolean {
  const folders = vscode.workspace.asRelativePath(uri, false).split('/');
  return !folders.some((folder) => NOT_OURS.includes(folder));
}

function isJson({ path, scheme }: vscode.Uri): boolean {
  return /\.json$/i.test(path) && scheme !== 'comfydeploy-output';
}
