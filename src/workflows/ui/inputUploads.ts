import { digestOf } from '../../platform/digest';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Session } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/connection';
import { readNodeList } from '../../comfyui/nodeList';
import type { NodeProblem } from '../../comfyui/refusal';
import { shownName } from '../../comfyui/shownName';
import { uploadInput } from '../../comfyui/uploads';
import type { Prompt } from '../../comfyui/workflow';
import { addressOf } from '../../page/ui/opening';
import { ApiError, isAbort } from '../../platform/errors';
import { listText, moreText } from '../../platform/language';
import { readForeignJson } from '../../platform/pythonJson';
import { Slices } from '../../platform/slices';
import { confirm, withLateProgress } from '../../platform/ui/pick';
import { findingText } from '../checkText';
import { filesNamedIn, globOf, lastPartOf, placesBeside, uploadsOf, withInput, type NamedFile } from '../inputFiles';
import type { WorkflowFile } from './workflowFile';
import { NOT_OURS } from './workflowFiles';

/** Bytes, leaving room for the form: ComfyUI's limit (`max_upload_size`). */
const MOST_BYTES = 100 * 1024 * 1024 - 4_096;
/** The most node types that are requested. */
const MOST_CLASSES = 20;
/** The most files that are named. */
const MOST_NAMES = 3;

/** A file on this computer or in the workspace. */
interface Local {
  readonly uri: vscode.Uri;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Includes the session: the user is asked once for each. */
  readonly key: string;
}

interface Needed extends NamedFile {
  readonly local: Local | undefined;
  readonly isThere: boolean;
}

/** Uploads the pictures, videos and audio files that a workflow reads. */
export class InputUploads {
  /** What was uploaded: its name there, by session and content. */
  readonly #sent = new Map<string, string>();

  constructor(private readonly web: Web) {}

  /**
   * The prompt with the names of its uploaded files; or what is missing; or undefined if the user cancels.
   * @throws {ApiError}, or an `AbortError`.
   */
  async sent(
    session: Session,
    { name, uri }: Pick<WorkflowFile, 'name' | 'uri'>,
    prompt: Prompt,
  ): Promise<Prompt | readonly NodeProblem[] | undefined> {
    const named = filesNamedIn(prompt);
    if (named.length === 0) return prompt;
    const title = l10n.t('Looking for the input files of {0}', name);
    const needed = await withLateProgress(this.web.clock, title, (signal) => this.#needed(session, uri, named, signal));
    const missing = needed.filter(({ local, isThere }) => !local && !isThere);
    if (missing.length > 0) return missing.map(problemOf);
    const news = new Map(
      needed.flatMap(({ local }) => (local && !this.#sent.has(local.key) ? [[local.key, local]] : [])),
    );
    if (
      news.size > 0 &&
      !(await agreed(
        [...news.values()].map((local) => local.uri),
        name,
      ))
    )
      return undefined;
    for (const local of news.values()) await this.#upload(session, local);
    return needed.reduce((made, { nodeId, input, local }) => {
      const sent = local && this.#sent.get(local.key);
      return sent === undefined ? made : withInput(made, nodeId, input, sent);
    }, prompt);
  }

  /** Uploads files one by one, and returns their names in ComfyUI; undefined if the user cancels. */
  async uploaded(session: Session, files: readonly vscode.Uri[], name: string): Promise<readonly string[] | undefined> {
    if (!(await agreed(files, name))) return undefined;
    const names: string[] = [];
    for (const uri of files) {
      const local = await this.#read(session, uri);
      if (!local) continue;
      if (!this.#sent.has(local.key)) await this.#upload(session, local);
      names.push(this.#sent.get(local.key) ?? '');
    }
    return names;
  }

  async #needed(
    session: Session,
    workflow: vscode.Uri,
    named: readonly NamedFile[],
    signal: AbortSignal,
  ): Promise<readonly Needed[]> {
    const needed: Needed[] = [];
    const uploads = new Map<string, ReturnType<typeof uploadsOf>>();
    const locals = new Map<string, Promise<Local | undefined>>();
    const localOf = (path: string, isThere: boolean) => {
      const known = locals.get(path) ?? this.#local(session, workflow, path, isThere);
      locals.set(path, known);
      return known;
    };
    for (const one of named) {
      if (!uploads.has(one.classType) && uploads.size < MOST_CLASSES)
        uploads.set(one.classType, await this.#uploadsOf(session, one.classType, signal));
      const files = uploads.get(one.classType)?.get(one.input);
      if (!files) continue;
      const isListed = files.has(one.path);
      const local = await localOf(one.path, isListed);
      const sent = local && this.#sent.get(local.key);
      if (local && sent !== undefined && !files.has(sent)) this.#sent.delete(local.key); // it was removed there
      // Lists contain only files at the top level.
      needed.push({ ...one, local, isThere: isListed || lastPartOf(one.path) !== one.path });
    }
    return needed;
  }

  /** If a node type cannot be read, ComfyUI itself will report what is missing. */
  async #uploadsOf(session: Session, type: string, signal: AbortSignal) {
    try {
      const nodes = await readNodeList(addressOf(session), this.web, signal, type);
      return uploadsOf(await readForeignJson(nodes, new Slices(this.web.clock, signal)), type);
    } catch (error) {
      if (isAbort(error)) throw error;
      return new Map<string, ReadonlySet<unknown>>();
    }
  }

  /**
   * The file beside the workflow; or the only one with its name in the workspace, unless ComfyUI has one with that
   * name.
   */
  async #local(session: Session, workflow: vscode.Uri, path: string, isThere: boolean): Promise<Local | undefined> {
    const beside = placesBeside(path).map((place) => vscode.Uri.joinPath(workflow, '..', place));
    for (const uri of beside) {
      const local = await this.#read(session, uri);
      if (local) return local;
    }
    const [name] = placesBeside(lastPartOf(path));
    if (isThere || name === undefined) return undefined;
    const found = await vscode.workspace.findFiles(globOf(name), `**/{${NOT_OURS.join(',')}}/**`, 100);
    const [only, ...others] = found.filter((uri) => lastPartOf(uri.path) === name);
    return only && others.length === 0 ? this.#read(session, only) : undefined;
  }

  /** Undefined if there is none. @throws {ApiError} if it is too large for ComfyUI. */
  async #read(session: Session, uri: vscode.Uri): Promise<Local | undefined> {
    const { fs } = vscode.workspace;
    const stat = await Promise.resolve(fs.stat(uri)).catch(() => undefined);
    if (stat?.type !== vscode.FileType.File) return undefined;
    if (stat.size > MOST_BYTES)
      throw new ApiError('refused', l10n.t("{0} can't be uploaded: ComfyUI takes files of up to 100 MB.", nameOf(uri)));
    const bytes = new Uint8Array(await fs.readFile(uri));
    return { uri, bytes, key: `${session.id} ${await digestOf(bytes)}` };
  }

  async #upload(session: Session, { uri, bytes, key }: Local): Promise<void> {
    const name = lastPartOf(uri.path);
    const title = l10n.t('Uploading {0}', shownName(name));
    const sent = await withLateProgress(this.web.clock, title, (signal) =>
      uploadInput(addressOf(session), this.web, { name, bytes }, signal),
    );
    this.#sent.set(key, sent);
  }
}

export function isMissing(sent: Prompt | readonly NodeProblem[]): sent is readonly NodeProblem[] {
  return Array.isArray(sent);
}

function problemOf({ nodeId, classType, input, path }: NamedFile): NodeProblem {
  return { nodeId, classType, input, message: findingText({ input, wrong: { kind: 'noFile', value: path } }) };
}

/** Asked once for each file and session. */
function agreed(files: readonly vscode.Uri[], name: string): Promise<boolean> {
  const names = files.slice(0, MOST_NAMES).map(nameOf);
  const rest = files.length - names.length;
  const all = listText(rest > 0 ? [...names, moreText(rest)] : names);
  return confirm(
    l10n.t('Upload {0} to the session?', all),
    l10n.t('{0} needs it. Nothing that is there is overwritten.', name),
    l10n.t('Upload'),
  );
}

function nameOf({ path }: vscode.Uri): string {
  return shownName(lastPartOf(path));
}
