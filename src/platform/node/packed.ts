import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { atMost, type Clock } from '../clock';
import { Slices } from '../slices';
import { Unpacking } from '../unpacking';
import { keepFile } from './keptFile';

// What is loaded after a window has opened is in one packed file. The code and the texts have words in common, so two
// files would take half as much space again. The first line names the languages, English first; the second the parts that
// follow in order, with their lengths in bytes: the texts, a line in each language for each text, and the bundles. Where
// one of these names a text by a number that is the next one, or lists the English texts, there is a mark instead.
//
// Before the packed content are a byte that says whether it is packed (development builds are not), its length and its
// checksum. Packing continues what ships as it is: the script beside it, and the texts of the manifest.

const PACKED = 'later.bin';
/** What packing continues, beside the packed file. */
export const KNOWN = [
  ...['', '.de', '.ja', '.zh-cn'].map((language) => `../package.nls${language}.json`),
  'extension.js',
];
const SUM_AT = 5;
const SUM_BYTES = 16;
/** No content is longer than this, bytes. */
const MOST = 2 ** 22;
const NAME = /^later-[\da-f]{32}\.bin$/;
const MARKS = /[\x01\x02]/g;
const NEXT = '\x01';
/** The longest wait for the storage, ms. */
const PATIENCE = 500;
/** Unpacked before the next look at the clock, bytes. */
const STEP = 1_024;

/** Unpacked once by each version: the content is stored, and used while its checksum is right. */
export class Packed {
  /** Kept for the code, which is requested next. */
  #content: Promise<Buffer> | undefined;

  /** @param storage where the unpacked content is stored */
  constructor(
    private readonly folder: string,
    private readonly storage: string,
    private readonly clock: Clock,
  ) {}

  /** The texts of each language, in the order of the English ones. @throws if the file is missing or damaged. */
  async texts(): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#content = this.#read();
    return textsOf(partsOf(await this.#content));
  }

  /** The code of each bundle by its name, such as `house`. @throws if the file is missing or damaged. */
  async code(): Promise<ReadonlyMap<string, string>> {
    const content = this.#content ?? this.#read();
    this.#content = undefined;
    const parts = partsOf(await content);
    const english = JSON.stringify(textsOf(parts).get('en'));
    let next = 0;
    const [, ...bundles] = parts.named;
    return new Map(
      bundles.map(([name, text]) => [name, text.replace(MARKS, (mark) => (mark === NEXT ? `${next++}` : english))]),
    );
  }

  async #read(): Promise<Buffer> {
    const file = await fs.readFile(path.join(this.folder, PACKED));
    const packed = file.subarray(SUM_AT + SUM_BYTES);
    if (file[0] === 0) return packed;
    const sum = file.toString('hex', SUM_AT, SUM_AT + SUM_BYTES);
    const isRight = (content: Buffer) => sumOf(content) === sum;
    const stored = path.join(this.storage, `later-${sum}.bin`);
    const reading = fs.readFile(stored).catch(() => undefined); // the first window of a version finds none
    const kept = (await atMost(this.clock, PATIENCE, reading)) ? await reading : undefined;
    if (kept && isRight(kept)) return kept;
    const content = await this.#unpack(packed, file.readUInt32LE(1));
    if (!isRight(content)) throw new Error(PACKED);
    keepFile(stored, content, NAME).catch(() => undefined); // then the next window unpacks again
    return content;
  }

  async #unpack(packed: Buffer, length: number): Promise<Buffer> {
    if (length > MOST) throw new Error(PACKED);
    const unpacking = new Unpacking(packed, await known(this.folder), length);
    const slices = new Slices(this.clock);
    while (!unpacking.isDone) {
      unpacking.step(STEP);
      if (slices.isOver) await slices.rest();
    }
    const { buffer, byteOffset } = unpacking.text;
    return Buffer.from(buffer, byteOffset, length);
  }
}

/** Without what packing continues, the checksum of what is unpacked is wrong. */
async function known(folder: string): Promise<Buffer> {
  const reading = KNOWN.map(async (name) => continued(name, await fs.readFile(path.join(folder, name))));
  return Buffer.concat(await Promise.all(reading.map((one) => one.catch(() => Buffer.alloc(0)))));
}

/** What of a file is continued: not the keys of texts, which are shorter in a package than in the project. */
export function continued(name: string, content: Buffer): Buffer {
  if (!name.endsWith('.json')) return content;
  const texts: unknown = JSON.parse(content.toString());
  return Buffer.from(Object.values(texts ?? {}).join('\n'));
}

function sumOf(content: Uint8Array): string {
  return createHash('sha256')
    .update(content)
    .digest('hex')
    .slice(0, 2 * SUM_BYTES);
}

interface Parts {
  readonly languages: readonly string[];
  readonly named: readonly (readonly [name: string, text: string])[];
}

function partsOf(bytes: Buffer): Parts {
  const [languages = '', index = ''] = bytes.toString('latin1', 0, 1_000).split('\n', 2);
  let from = languages.length + index.length + 2;
  const named = index.split(' ').map((entry) => {
    const [name = '', length] = entry.split(':');
    return [name, bytes.toString('utf8', from, (from += Number(length)))] as const;
  });
  return { languages: languages.split(' '), named };
}

function textsOf({ languages, named: [texts] }: Parts): ReadonlyMap<string, readonly string[]> {
  const lines = (texts?.[1] ?? '').split('\n');
  const { length } = languages;
  return new Map(languages.map((language, at) => [language, lines.filter((_, line) => line % length === at)]));
}
