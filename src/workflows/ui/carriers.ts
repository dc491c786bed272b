import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { SessionId } from '../../comfydeploy/model';
import { shownName } from '../../comfyui/shownName';
import type { Workflow } from '../../comfyui/workflow';
import { outputUri } from '../../outputs/ui/outputFileSystem';
import type { Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import { workflowOf } from '../carriedWorkflow';
import type { FileBytes } from '../fileParts';
import { nameOf, type WorkflowFile } from './workflowFile';

/** Opens a file on this computer to read parts of it. */
export type ReadingFile = <T>(path: string, work: (file: FileBytes) => Promise<T>) => Promise<T>;

const ENDINGS = 'png,webp,jpg,jpeg,mp4,m4v,mov,webm,mkv,flac,mp3';
/** Pictures, videos and audio files, into which ComfyUI writes the workflow that made them. */
export const CARRIERS = `**/*.{${ENDINGS}}`;
const CARRIER = new RegExp(`\\.(?:${ENDINGS.replaceAll(',', '|')})$`, 'i');
/** Bytes; a file that cannot be read in parts is read as a whole. */
const MOST_BYTES = 256 * 1024 * 1024;

const Row = z.lazy(() =>
  z.object({
    kind: z.literal('output'),
    sessionId: SessionId,
    file: z.object({ filename: z.string(), subfolder: z.string(), type: z.string() }),
  }),
);

/** A file that may contain a workflow, and the session that has just made it. */
export interface Carrier {
  readonly uri: vscode.Uri;
  readonly madeIn: SessionId | undefined;
}

export function isCarrier({ path }: vscode.Uri): boolean {
  return CARRIER.test(path);
}

/** What a command is about: a file in the explorer, an output of a session, or the tab in front. */
export function carrierOf(target: unknown): Carrier | undefined {
  if (target instanceof vscode.Uri) return isCarrier(target) ? { uri: target, madeIn: undefined } : undefined;
  const row = z.safeParse(Row, target).data;
  if (row) return { uri: outputUri(row.sessionId, row.file), madeIn: row.sessionId };
  const front = vscode.window.tabGroups.all.find(({ isActive }) => isActive)?.activeTab;
  const shown = target === undefined ? uriOf(front?.input) : undefined;
  return shown && isCarrier(shown) ? { uri: shown, madeIn: undefined } : undefined;
}

/** The workflow in the file. @throws {ApiError} if it has none, or cannot be read. */
export async function readCarrier(
  { uri }: Carrier,
  { readingFile, clock }: { readonly readingFile: ReadingFile; readonly clock: Clock },
): Promise<WorkflowFile> {
  const name = shownName(nameOf(uri));
  const workflow = await workflowIn(uri, readingFile, new Slices(clock)).catch((error: unknown) => {
    throw new ApiError('missing', l10n.t("{0} can't be read.", name), { cause: error });
  });
  if (workflow) return { uri, name, text: '', workflow };
  throw new ApiError(
    'refused',
    l10n.t(
      '{0} contains no workflow. ComfyUI writes it into what it saves, but editing or sending a picture often removes it.',
      name,
    ),
  );
}

async function workflowIn(uri: vscode.Uri, reading: ReadingFile, slices: Slices): Promise<Workflow | undefined> {
  const { carriedIn } = await import('../carried');
  const work = async (file: FileBytes) => {
    const carried = await carriedIn(file);
    return carried && workflowOf(carried, slices);
  };
  const inParts = uri.scheme === 'file' ? await reading(uri.fsPath, work).catch(() => 'unread' as const) : 'unread';
  if (inParts !== 'unread') return inParts;
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MOST_BYTES) return undefined;
  const bytes = await vscode.workspace.fs.readFile(uri);
  const read = (from: number, length: number) => Promise.resolve(bytes.subarray(from, from + length));
  return work({ size: bytes.length, read });
}

/** The file of a tab with a picture or anything else. */
function uriOf(input: unknown): vscode.Uri | undefined {
  const { uri } = typeof input === 'object' && input !== null && 'uri' in input ? input : { uri: undefined };
  return uri instanceof vscode.Uri ? uri : undefined;
}
