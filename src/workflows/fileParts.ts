/** A file that is read in parts. */
export interface FileBytes {
  readonly size: number;
  /** Fewer bytes at its end. */
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
}

/** What a file says of itself: a name, and what is written under it. Names may be of any case. */
export type NamedTexts = AsyncIterable<readonly [name: string, text: string]>;

/** Bytes, in all: what a file may carry beside its pictures. */
const MOST_BYTES = 48 * 1024 * 1024;
/** A picture in parts of 8 kB is walked through to its end. */
const MOST_READS = 20_000;
/** Of all its texts, bytes: many may stand in the same ones, or be a thousand times as long as they look. */
const MOST_WORK = 64 * 1024 * 1024;
/** What a text costs beside its bytes. */
const EACH = 4096;
/** Heads lie close together at the beginning of a file. */
const FIRST = 64 * 1024;
const NEXT = 64;

/** What a file says of itself is more than anybody writes. */
export class Enough extends Error {}

/** Reads what is asked for within bounds: a file may say anything of how long its parts are. */
export class FileParts {
  #known: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };
  #bytes = 0;
  #reads = 0;
  #work = 0;

  constructor(private readonly file: FileBytes) {}

  get size(): number {
    return this.file.size;
  }

  /** Undefined where the file has not so many bytes there, or where too much was read of it. */
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

  /** As UTF-8, or letter by letter where it is none, without zeros at its end. @throws {Enough} */
  text(bytes: Uint8Array, wide?: 'utf-16le' | 'utf-16be'): string {
    this.spend(EACH + bytes.length);
    return wide === undefined ? narrow(withoutZeros(bytes, 1)) : new TextDecoder(wide).decode(withoutZeros(bytes, 2));
  }

  /** @param work as much as reading so many bytes. @throws {Enough} */
  spend(work: number): void {
    if ((this.#work += work) > MOST_WORK) throw new Enough();
  }
}

/** Letters, one for each byte. */
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

/** A regular expression would look from each of many zeros to the last. @param width bytes of a letter. */
function withoutZeros(bytes: Uint8Array, width: 1 | 2): Uint8Array {
  let end = bytes.length;
  while (end >= width && bytes[end - 1] === 0 && bytes[end - width] === 0) end -= width;
  return bytes.subarray(0, end);
}

/** Up to the first zero, and what follows it; undefined where there is none. */
export function splitAtZero(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  const end = bytes.indexOf(0);
  return end === -1 ? undefined : [bytes.subarray(0, end), bytes.subarray(end + 1)];
}
