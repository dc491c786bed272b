import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync } from 'node:zlib';

// What is loaded after a window has opened is in one packed file. The code and the translations, whose keys are the
// English texts, have words in common, so two files would take half as much space again. The first line contains the
// translations as JSON; the second names the bundles in order with their lengths in bytes; their code follows.

const PACKED = 'later.br';
const NEWLINE = 10;

/** Decompressed once for both parts, if the texts are requested first. */
export class Packed {
  readonly #file: string;
  /** Kept for the code, which is requested next. */
  #bytes: Buffer | undefined;

  constructor(folder: string) {
    this.#file = path.join(folder, PACKED);
  }

  /** The texts of each language, in the order of the English ones. @throws if the file is missing or incomplete. */
  texts(): unknown {
    this.#bytes = brotliDecompressSync(fs.readFileSync(this.#file));
    return JSON.parse(partsOf(this.#bytes)[0]);
  }

  /** The code of each bundle by its name, such as `house`. @throws if the file is missing or incomplete. */
  async code(): Promise<ReadonlyMap<string, string>> {
    const bytes = this.#bytes ?? (await promisify(brotliDecompress)(await fs.promises.readFile(this.#file)));
    this.#bytes = undefined;
    const [, index, code] = partsOf(bytes);
    let from = 0;
    return new Map(
      index.split(' ').map((entry) => {
        const [name = '', length] = entry.split(':');
        const text = code.toString('utf8', from, from + Number(length));
        from += Number(length);
        return [name, text];
      }),
    );
  }
}

function partsOf(bytes: Buffer): readonly [texts: string, index: string, code: Buffer] {
  const first = bytes.indexOf(NEWLINE);
  const second = bytes.indexOf(NEWLINE, first + 1);
  return [bytes.toString('utf8', 0, first), bytes.toString('utf8', first + 1, second), bytes.subarray(second + 1)];
}
