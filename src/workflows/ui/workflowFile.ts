import * as vscode from 'vscode';
import { exactTextIn, textIn } from '../../comfyui/fileText';
import { readWorkflow, type Workflow } from '../../comfyui/workflow';
import type { Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import { writeWhole } from '../../platform/ui/wholeFile';

/** A file with a workflow, with its current content, saved or not. */
export interface WorkflowFile {
  readonly uri: vscode.Uri;
  /** Its name without `.json`. */
  readonly name: string;
  readonly text: string;
  readonly workflow: Workflow;
}

/** Bytes, and characters. The largest workflows have a few megabytes. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** Undefined if it is not a workflow, cannot be read, or only with a loss. */
export async function readWorkflowFile(uri: vscode.Uri, clock: Clock): Promise<WorkflowFile | undefined> {
  const bytes = textInEditor(uri) === undefined ? await bytesOnDisk(uri) : undefined;
  const text = textInEditor(uri) ?? (bytes && exactTextIn(bytes));
  const workflow = await workflowInText(text, clock);
  return text === undefined || !workflow ? undefined : { uri, name: nameOf(uri), text, workflow };
}

/** Whether it is a workflow in an unknown encoding, not Unicode. */
export async function isInOtherEncoding(uri: vscode.Uri, clock: Clock): Promise<boolean> {
  const bytes = textInEditor(uri) === undefined ? await bytesOnDisk(uri) : undefined;
  if (bytes === undefined || exactTextIn(bytes) !== undefined) return false;
  return (await workflowInText(textIn(bytes), clock)) !== undefined;
}

/** Reads a long text in slices. Undefined if it is not a workflow, or too long. */
export async function workflowInText(text: string | undefined, clock: Clock): Promise<Workflow | undefined> {
  return text === undefined || text.length > MOST_BYTES ? undefined : readWorkflow(text, new Slices(clock));
}

/** The name of the file without folders and `.json`. */
export function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/i, '');
}

/** For lists to choose from. */
export function byPath(files: readonly vscode.Uri[]): readonly vscode.Uri[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The file's document, if an editor has it open. */
export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** What VS Code shows of a file that it wrongly reads as UTF-8; only the disk has the real content. */
const MISREAD = /[\0\ufffd]/;

/**
 * The text in an editor counts, saved or not. Undefined if there is none, or if VS Code has read the file with a wrong
 * encoding.
 */
export function textInEditor(uri: vscode.Uri): string | undefined {
  const open = openDocument(uri);
  const text = open?.getText();
  return text !== undefined && MISREAD.test(text) && !open?.isDirty ? undefined : text;
}

/** For looking at. Undefined if the file is too large, gone, or not readable. */
export async function textOnDisk(uri: vscode.Uri): Promise<string | undefined> {
  const bytes = await bytesOnDisk(uri);
  return bytes && textIn(bytes);
}

async function bytesOnDisk(uri: vscode.Uri): Promise<Uint8Array | undefined> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > MOST_BYTES ? undefined : await vscode.workspace.fs.readFile(uri);
  } catch {
    return undefined;
  }
}

/** Messages for failed writes. */
interface WhyNotWritten {
  /** Unsaved changes there would be lost. */
  readonly unsaved: string;
  readonly failed: string;
}

/** Writes a file, replacing its content. @throws {ApiError} with these messages; then nothing is written. */
export async function overwrite(place: vscode.Uri, text: string, { unsaved, failed }: WhyNotWritten): Promise<void> {
  if (openDocument(place)?.isDirty) throw new ApiError('refused', unsaved);
  try {
    await writeWhole(place, new TextEncoder().encode(text));
  } catch (error) {
    throw new ApiError('refused', failed, { cause: error });
  }
}
