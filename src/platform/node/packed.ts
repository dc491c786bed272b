import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync } from 'node:zlib';

// The build packs the house together with its translations, whose keys are its English texts: apart they take half as
// much room again. The translations are one line of JSON; the code follows.

const PACKED = 'house.br';

/** The code of the house, unpacked beside everything else. @throws if it is not there, or not whole. */
export async function packedCode(folder: string): Promise<string> {
  const bytes = await promisify(brotliDecompress)(await fs.promises.readFile(path.join(folder, PACKED)));
  const text = bytes.toString();
  return text.slice(text.indexOf('\n') + 1);
}

/** Each language's texts, in the order of the English ones. @throws if they are not there, or not whole. */
export function packedTexts(folder: string): unknown {
  const text = brotliDecompressSync(fs.readFileSync(path.join(folder, PACKED))).toString();
  return JSON.parse(text.slice(0, text.indexOf('\n')));
}
