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

/** Of a file that cannot be read, nothing. */
export async function factsOf({ file, live }: Output, context: FactsContext): Promise<Facts> {
  const reading = context.readingFile(file.fsPath, async ({ read }) => {
    for (const bytes of [FIRST_BYTES, HEAD_BYTES]) {
      const size = pictureSizeIn(await read(0, bytes));
      if (size !== undefined) return size === 'unreadable' ? undefined : size;
    }
    return undefined;
  });
  const size = live ? undefined : await reading.catch(() => undefined);
  const carried = readCarrier({ uri: file, madeIn: live?.sessionId }, context).catch(() => undefined);
  const workflow = (await carried)?.workflow;
  return { size, inputs: workflow ? inputsOf(workflow) : [] };
}
