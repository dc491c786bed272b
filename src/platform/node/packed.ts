import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync } from 'node:zlib';

// What is read after a window has opened ships in one packed file: the code has words in common with the translations,
// whose keys are its English texts, and apart they take half as much room again. Its first line is the translations, as
// JSON; its second names the bundles in their order, with their lengths in bytes; their code follows.

const PACKED = 'later.br';
const NEWLINE = 10;

/** Unpacked once for both that it holds, if the texts are asked for first. */
export class Packed {
  readonly #file: string;
  /** For the code, which is asked for next. */
  #bytes: Buffer | undefined;

  constructor(folder: string) {
    this.#file = path.join(folder, PACKED);
  }

  /** Each language's texts, in the order of the English ones. @throws if they are not there, or not whole. */
  texts(): unknown {
    this.#bytes = brotliDecompressSync(fs.readFileSync(this.#file));
    return JSON.parse(partsOf(this.#bytes)[0]);
  }

  /** The code of each bundle by its name, such as `house`. @throws if the file is not there, or not whole. */
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
