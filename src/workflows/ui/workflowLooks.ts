import * as vscode from 'vscode';
import { textIn } from '../../comfyui/fileText';
import { beginsLikeWorkflow, seemsWorkflow } from '../../comfyui/workflow';
import type { Clock } from '../../platform/clock';
import { MOST_BYTES, textInEditor, textOnDisk, workflowInText } from './workflowFile';

/** The first bytes of a file; undefined if it cannot be read in parts. */
export type BeginningOf = (path: string, bytes: number) => Promise<Uint8Array | undefined>;

export interface LooksContext {
  readonly clock: Clock;
  readonly beginningOf: BeginningOf;
}

/** What can be done with a file. */
export interface Kinds {
  /** It can be drawn. */
  readonly graph: boolean;
  /** It can be queued. */
  readonly prompt: boolean;
}

/** For a file that was not read: the commands will find out. */
export const PRESUMED: Kinds = { graph: true, prompt: true };

/** Bytes; of large files only this much is read first, which rules out most other files. */
const BEGINNING = 4 * 1024;
/** Bytes; smaller files are read as a whole at once. */
const SMALL = 64 * 1024;
/** Limits when a window opens: enough for a folder of workflows, and little beside what the window itself reads. */
const FIRST_LOOKS = { files: 200, bytes: 4 * 1024 * 1024 };

/** Reads files to see whether they are workflows, within limits. */
export class Looks {
  #files: number;
  #bytes: number;

  constructor(
    private readonly context: LooksContext,
    bounds: { readonly files: number; readonly bytes: number } = { files: 1, bytes: MOST_BYTES + BEGINNING },
  ) {
    this.#files = bounds.files;
    this.#bytes = bounds.bytes;
  }

  static atFirst(context: LooksContext): Looks {
    return new Looks(context, FIRST_LOOKS);
  }

  /** Undefined if it is not a workflow; `unseen` once the limits are reached. Text in an editor costs nothing. */
  async kindsOf(uri: vscode.Uri): Promise<Kinds | 'unseen' | undefined> {
    const edited = textInEditor(uri);
    if (edited !== undefined) return kindsIn(edited, this.context.clock);
    if (this.#files <= 0 || this.#bytes <= 0) return 'unseen';
    this.#files--;
    const size = await sizeOf(uri);
    if (size === undefined || size > MOST_BYTES) return undefined;
    if (size > SMALL && uri.scheme === 'file' && !(await this.#beginsWell(uri))) return undefined;
    if (size > this.#bytes) return 'unseen';
    this.#bytes -= size;
    const text = await textOnDisk(uri);
    return text === undefined ? undefined : kindsIn(text, this.context.clock);
  }

  /** Also true if that is not known. */
  async #beginsWell({ fsPath }: vscode.Uri): Promise<boolean> {
    const head = await this.context.beginningOf(fsPath, BEGINNING);
    this.#bytes -= head?.length ?? 0;
    return head === undefined || beginsLikeWorkflow(textIn(head));
  }
}

async function kindsIn(text: string, clock: Clock): Promise<Kinds | undefined> {
  const workflow = seemsWorkflow(text) ? await workflowInText(text, clock) : undefined;
  return workflow && { graph: workflow.graph !== undefined, prompt: workflow.prompt !== undefined };
}

async function sizeOf(uri: vscode.Uri): Promise<number | undefined> {
  try {
    return (await vscode.workspace.fs.stat(uri)).size;
  } catch {
    return undefined; // gone, or not readable
  }
}
