/** A file that is read in parts. */
export interface FileBytes {
  readonly size: number;
  /** Returns fewer bytes at the end of the file. */
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
}

/** The metadata of a file as names and texts. Names may be in any case. */
export type NamedTexts = AsyncIterable<readonly [name: string, text: string]>;

/** The most metadata that is read, bytes. */
const MOST_BYTES = 48 * 1024 * 1024;
/** Enough to walk through a picture in parts of 8 kB. */
const MOST_READS = 20_000;
/** The most work for all texts of a file, in bytes: many texts may share bytes, or be packed a thousandfold. */
const MOST_WORK = 64 * 1024 * 1024;
/** The cost of each text besides its bytes. */
const EACH = 4096;
/** Headers are close together at the beginning of a file. */
const FIRST = 64 * 1024;
const NEXT = 64;

/** A file contains more texts than any real one. */
export class Enough extends Error {}

/** Reads parts within bounds, since a file may claim any lengths. */
export class FileParts {
  #known: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };
  #bytes = 0;
  #reads = 0;
  #work = 0;

  constructor(private readonly file: FileBytes) {}

  get size(): number {
    return this.file.size;
  }

  /** Undefined if the file is shorter, or too much of it was read. */
  async at(from: number, length: number): Promise<Uint8Array | undefined> {
    if (!Number.isSafeInteger(from) || from < 0 || length < 0 || from + length > this.file.size) return undefined;
    const offset = from - this.#known.from;
    if (offset < 0 || offset + length > this.#known.bytes.length) {
      const wanted = Math.max(length, from === 0 ? FIRST : NEXT);
      if ((this.#bytes += wanted) > MOST_BYTES || ++this.#reads > MOST_READS) return undefined;
      this.#known = { from, bytes: await this.file.read(from, Math.min(wanted, this.file.size - from)) };
    }
    const start = from - this.#known.from;
    const part = this.#known.bytes.subarray(start, start + length);
    return part.length === length ? part : undefined;
  }

  /** Decoded as UTF-8, or byte by byte if it is not UTF-8, without zeros at its end. @throws {Enough} */
  text(bytes: Uint8Array, wide?: 'utf-16le' | 'utf-16be'): string {
    this.spend(EACH + bytes.length);
    return wide === undefined ? narrow(withoutZeros(bytes, 1)) : new TextDecoder(wide).decode(withoutZeros(bytes, 2));
  }

  /** @param work in bytes that could be read in the same time. @throws {Enough} */
  spend(work: number): void {
    if ((this.#work += work) > MOST_WORK) throw new Enough();
  }
}

/** One letter for each byte. */
export function lettersIn(bytes: Uint8Array, from = 0, length = bytes.length - from): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

function narrow(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Not by a regular expression, which takes quadratic time for many zeros. @param width bytes of a letter. */
function withoutZeros(bytes: Uint8Array, width: 1 | 2): Uint8Array {
  let end = bytes.length;
  while (end >= width && bytes[end - 1] === 0 && bytes[end - width] === 0) end -= width;
  return bytes.subarray(0, end);
}

/** The parts before and after the first zero; undefined if there is none. */
export function splitAtZero(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  const end = bytes.indexOf(0);
  return end === -1 ? undefined : [bytes.subarray(0, end), bytes.subarray(end + 1)];
}
