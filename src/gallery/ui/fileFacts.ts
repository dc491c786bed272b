import * as vscode from 'vscode';
import { HEAD_BYTES, pictureSizeIn } from '../../outputs/pictureSize';
import type { Clock } from '../../platform/clock';
import type { FileBytes } from '../../workflows/fileParts';
import { worksOf } from '../../workflows/memoryTaken';
import { readCarrier, type ReadingFile } from '../../workflows/ui/carriers';
import { inputsOf } from '../facts';
import type { Facts } from '../item';
import type { Output } from './outputs';

export interface FactsContext {
  readonly readingFile: ReadingFile;
  readonly clock: Clock;
}

/** Most pictures say their size in the first bytes. */
const FIRST_BYTES = 1_024;

/** Of a file that cannot be read, nothing; nor of a film in a session, which would have to be fetched. */
export async function factsOf({ file, live, kind }: Output, context: FactsContext): Promise<Facts> {
  if (live && kind !== 'image') return { size: undefined, inputs: [], work: '' };
  const { size } = await sizeOf({ file, live }, context);
  const carried = readCarrier({ uri: file, madeIn: live?.sessionId }, context).catch(() => undefined);
  const workflow = (await carried)?.workflow;
  const [work] = workflow ? await worksOf(workflow) : [];
  return { size, inputs: workflow ? inputsOf(workflow) : [], work: work ?? '' };
}

/** Only how large a picture is. */
export async function sizeOf(
  { file, live }: Pick<Output, 'file' | 'live'>,
  { readingFile }: FactsContext,
): Promise<Facts> {
  const work = ({ read }: Pick<FileBytes, 'read'>) => sizeIn(read);
  const read = async (from: number, length: number) =>
    (await vscode.workspace.fs.readFile(file)).subarray(from, from + length);
  return { size: await (live ? work({ read }) : readingFile(file.fsPath, work)).catch(() => undefined) };
}

async function sizeIn(read: FileBytes['read']): Promise<Facts['size']> {
  for (const bytes of [FIRST_BYTES, HEAD_BYTES]) {
    const size = pictureSizeIn(await read(0, bytes));
    if (size !== undefined) return size === 'unreadable' ? undefined : size;
  }
  return undefined;
}
