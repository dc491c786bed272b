import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError, isAbort } from '../../platform/errors';
import { kindOf, type FileKind } from '../../comfyui/fileKinds';
import { Names, safeName } from '../../comfyui/fileNames';
import type { OutputFile } from '../../comfyui/outputs';
import type { SessionId } from '../../comfydeploy/model';
import { shownName } from '../../comfyui/shownName';
import type { Clock } from '../../platform/clock';
import { OutputFileSystem, outputUri, type LiveOutputs } from './outputFileSystem';
import { choose, withLateProgress } from '../../platform/ui/pick';
import { askForFolder as askWhere, askWhereToSave, inform } from '../../platform/ui/shown';
import { writeWhole } from '../../platform/ui/wholeFile';
import { failedOf, filesText } from '../savedText';

export interface OutputFilesContext {
  readonly outputs: LiveOutputs;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

const TEXTS: readonly FileKind[] = ['text', 'file'];
// eslint-disable-next-line texts/marked -- a folder's name, the same in every language
const ASIDE = 'ComfyUI outputs';

interface Place {
  readonly file: OutputFile;
  readonly uri: vscode.Uri;
}

/** Opens outputs of sessions in VS Code, and saves them to any of its file systems. */
export class OutputFiles implements vscode.Disposable {
  readonly fileSystem: OutputFileSystem;

  constructor(private readonly context: OutputFilesContext) {
    this.fileSystem = new OutputFileSystem(context.outputs, context.clock);
  }

  /** In VS Code's own preview. */
  async openOutput(sessionId: SessionId, file: OutputFile): Promise<void> {
    await open(file, outputUri(sessionId, file, this.context.outputs.placeOf(sessionId)));
  }

  /** To a place that the user chooses. */
  async saveOutputAs(sessionId: SessionId, file: OutputFile): Promise<void> {
    const folder = workspaceFolder();
    const name = safeName(file.filename);
    const uri = await askWhereToSave({
      title: l10n.t('Save {0}', shownName(file.filename)),
      defaultUri: folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(`/${name}`),
    });
    if (uri) await this.#save(sessionId, [{ file, uri }], uri);
  }

  /**
   * Replaces nothing unasked.
   * @param into asks if there is none.
   * @returns whether all are saved in that folder now; false if the user cancels.
   */
  async saveOutputFiles(
    sessionId: SessionId,
    files: readonly OutputFile[],
    into = workspaceFolder(),
  ): Promise<boolean> {
    const [first] = files;
    if (!first) return false;
    if (!into && files.length === 1) {
      await this.saveOutputAs(sessionId, first);
      return false;
    }
    const folder = into ?? (await askForFolder());
    const places = folder && (await placesFor(files, folder));
    return places ? this.#save(sessionId, places, folder) : false;
  }

  /**
   * Saves beside the file of the workflow, if that is in the workspace; otherwise in the workspace. Replaces nothing, and
   * asks for a folder only without a workspace.
   */
  async saveBeside(sessionId: SessionId, files: readonly OutputFile[], work: vscode.Uri): Promise<void> {
    const isInside = vscode.workspace.getWorkspaceFolder(work) !== undefined;
    const into = isInside ? vscode.Uri.joinPath(work, '..') : workspaceFolder();
    const places = into && (await placesFor(files, into, () => Promise.resolve('keepBoth')));
    if (places) await this.#save(sessionId, places, into);
    else await this.saveOutputFiles(sessionId, files);
  }

  /** Into a folder, replacing nothing. @returns the places. @throws {ApiError} */
  async saveInto(
    sessionId: SessionId,
    files: readonly OutputFile[],
    into: vscode.Uri,
    signal = new AbortController().signal,
  ): Promise<readonly vscode.Uri[]> {
    const places = (await placesFor(files, into, () => Promise.resolve('keepBoth'))) ?? [];
    for (const place of places) await this.#write(sessionId, place, signal);
    return places.map(({ uri }) => uri);
  }

  dispose(): void {
    this.fileSystem.dispose();
  }

  /** @param into the folder, or the file if there is only one. @returns false if the user cancels. */
  async #save(sessionId: SessionId, places: readonly Place[], into: vscode.Uri): Promise<boolean> {
    const [only] = places;
    const isOne = places.length === 1 && only !== undefined;
    const title = l10n.t('Saving {0}', isOne ? shownName(only.file.filename) : filesText(places.length));
    const failures: unknown[] = [];
    try {
      await withLateProgress(this.context.clock, title, async (signal, say) => {
        for (const [index, place] of places.entries()) {
          if (places.length > 1) say(l10n.t('{0} of {1}', index, places.length));
          await this.#write(sessionId, place, signal).catch((error: unknown) => {
            signal.throwIfAborted();
            failures.push(error);
          });
        }
      });
    } catch (error) {
      if (isAbort(error)) return false;
      throw error;
    }
    if (failures.length > 0) throw failureOf(failures, places.length);
    const announcing = isOne ? announceOne(only) : announceMany(places, into);
    announcing.catch(this.context.report);
    return true;
  }

  async #write(sessionId: SessionId, { file, uri }: Place, signal: AbortSignal): Promise<void> {
    const bytes = await untilAborted(this.context.outputs.bytes.read(sessionId, file), signal);
    await writeWhole(uri, bytes).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : l10n.t('unknown reason');
      throw new ApiError('refused', l10n.t('{0} could not be written: {1}', shownName(file.filename), why), {
        cause: error,
      });
    });
  }
}

/**
 * Where to save each file: pictures, videos and sounds into the folder itself, everything else into a separate one,
 * since tools run or obey files like `eslint.config.js` or `package.json` in the open folder. Undefined if the user
 * cancels.
 */
async function placesFor(
  files: readonly OutputFile[],
  folder: vscode.Uri,
  answering = askAbout,
): Promise<readonly Place[] | undefined> {
  const names = new Names();
  const wanted = files.map((file) => ({ file, name: names.give(isText(file) ? ASIDE : '', file.filename) }));
  const there = new Set<string>();
  for (const { name } of wanted) if (await exists(vscode.Uri.joinPath(folder, name))) there.add(name);
  const answer = there.size === 0 ? 'replace' : await answering([...there]);
  if (answer === undefined) return undefined;
  const places: Place[] = [];
  for (const { file, name } of wanted) {
    let uri = vscode.Uri.joinPath(folder, name);
    while (answer === 'keepBoth' && (await exists(uri))) uri = vscode.Uri.joinPath(folder, names.claim(name));
    places.push({ file, uri });
  }
  return places;
}

/** Neither picture, video nor sound, by its name: it may be anything. */
function isText(file: OutputFile): boolean {
  return TEXTS.includes(kindOf(file));
}

/**
 * Opens a file as VS Code shows it. A file that is neither picture, video nor sound opens as text: a notebook, for
 * example, is a program with its own outputs, and other editors may come from anywhere.
 */
async function open(file: OutputFile, uri: vscode.Uri): Promise<void> {
  if (isText(file)) await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
  else await vscode.commands.executeCommand('vscode.open', uri);
}

async function askAbout(names: readonly string[]): Promise<'keepBoth' | 'replace' | undefined> {
  const [first = ''] = names;
  const question =
    names.length === 1
      ? l10n.t('{0} already exists.', first)
      : l10n.t('{0} of these files already exist.', names.length);
  const detail = l10n.t('Replacing overwrites the current contents.');
  const [keepBoth, replace] = [l10n.t('Keep Both'), l10n.t('Replace')];
  const answer = await choose(question, detail, keepBoth, replace);
  if (answer === undefined) return undefined;
  return answer === keepBoth ? 'keepBoth' : 'replace';
}

async function askForFolder(): Promise<vscode.Uri | undefined> {
  return askWhere(l10n.t('Where Should Outputs Be Saved?'), l10n.t('Save Here'));
}

async function announceOne({ file, uri }: Place): Promise<void> {
  const openButton = l10n.t('Open');
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const chosen = await inform(l10n.t('Saved {0}.', shownName(name)), openButton);
  if (chosen === openButton) await open(file, uri);
}

async function announceMany(places: readonly Place[], into: vscode.Uri): Promise<void> {
  const reveal = l10n.t('Show in Explorer');
  const chosen = await inform(
    l10n.t('Saved {0}.', filesText(places.length)),
    ...(vscode.workspace.getWorkspaceFolder(into) ? [reveal] : []),
  );
  if (chosen === reveal) await vscode.commands.executeCommand('revealInExplorer', places[0]?.uri);
}

function failureOf(failures: readonly unknown[], total: number): unknown {
  const [first] = failures;
  if (total === 1 || !(first instanceof ApiError)) return first;
  return new ApiError(first.kind, `${failedOf(total, failures.length)} ${first.message}`);
}

function workspaceFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** Stops waiting, but keeps fetching for the next time. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')), { once: true });
    work.then(resolve, reject);
  });
}
