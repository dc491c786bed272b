import { HEAD_BYTES, pictureSizeIn } from '../../outputs/pictureSize';
import type { Clock } from '../../platform/clock';
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
  const size = live ? undefined : await sizeOf(file.fsPath, context);
  if (live && kind !== 'image') return { size, inputs: [] };
  const carried = readCarrier({ uri: file, madeIn: live?.sessionId }, context).catch(() => undefined);
  const workflow = (await carried)?.workflow;
  return { size, inputs: workflow ? inputsOf(workflow) : [] };
}

async function sizeOf(path: string, { readingFile }: FactsContext): Promise<Facts['size']> {
  const reading = readingFile(path, async ({ read }) => {
    for (const bytes of [FIRST_BYTES, HEAD_BYTES]) {
      const size = pictureSizeIn(await read(0, bytes));
      if (size !== undefined) return size === 'unreadable' ? undefined : size;
    }
    return undefined;
  });
  return reading.catch(() => undefined);
}
