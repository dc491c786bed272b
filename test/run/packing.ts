import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Foretelling } from '../../src/platform/foretelling';
import { continued, KNOWN } from '../../src/platform/node/packed';
import { Unpacking } from '../../src/platform/unpacking';

/** Packs what `src/platform/unpacking` unpacks. */
class Packing extends Foretelling {
  readonly #out: number[] = [];
  #low = 0;
  #range = 2 ** 32 - 1;

  constructor(
    bytes: Uint8Array,
    private readonly known: number,
  ) {
    super(bytes);
    this.goOn(bytes.length);
  }

  /** What is missing after the end counts as zeros, so two bytes within the last range do. */
  finish(): Uint8Array {
    this.#low += this.#range - 1;
    this.#settle();
    this.#out.push(Math.floor(this.#low / 2 ** 24), Math.floor(this.#low / 2 ** 16) % 256);
    return Uint8Array.from(this.#out);
  }

  protected override next(chance: number, known: number): number {
    if (this.at < this.known) return known;
    const share = Math.floor(this.#range / 2 ** 16) * chance;
    if (known === 0) this.#low += share;
    this.#settle();
    for (this.#range = known === 0 ? this.#range - share : share; this.#range < 2 ** 24; this.#range *= 256) {
      this.#out.push(Math.floor(this.#low / 2 ** 24));
      this.#low = (this.#low % 2 ** 24) * 256;
    }
    return known;
  }

  /** Carries one into the bytes before. */
  #settle(): void {
    if (this.#low < 2 ** 32) return;
    this.#low -= 2 ** 32;
    let at = this.#out.length - 1;
    for (; this.#out[at] === 255; at--) this.#out[at] = 0;
    this.#out[at] = (this.#out[at] ?? 0) + 1;
  }
}

/** @param known what the text continues */
export function packed(text: Uint8Array, known: Uint8Array = new Uint8Array()): Uint8Array {
  return new Packing(Buffer.concat([known, text]), known.length).finish();
}

/** What the content of a packed file continues. @param read a file by its name from where the packed file is */
export function knownFrom(read: (name: string) => Buffer | undefined): Buffer {
  const parts = KNOWN.map((name) => {
    const content = read(name);
    return content ? continued(name, content) : Buffer.alloc(0);
  });
  return Buffer.concat(parts);
}

export function knownIn(folder: string): Buffer {
  const files = new Map(KNOWN.map((name) => [name, path.join(folder, name)]));
  return knownFrom((name) =>
    fs.existsSync(files.get(name) ?? '') ? fs.readFileSync(files.get(name) ?? '') : undefined,
  );
}

const sumOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest().subarray(0, 16);

/** The file that `src/platform/node/packed` reads. @param known what it continues; without it, it is not packed */
export function packedFile(content: Uint8Array, known?: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = known ? 1 : 0;
  head.writeUInt32LE(content.length, 1);
  const file = Buffer.concat([head, sumOf(content), known ? packed(content, known) : content]);
  contentOf(file, known ?? Buffer.alloc(0));
  return file;
}

/** What is in a packed file. @throws if it is damaged, or continues something else */
export function contentOf(file: Buffer, known: Uint8Array): Buffer {
  const unpacking = new Unpacking(file.subarray(21), known, file.readUInt32LE(1));
  if (file[0] === 1) unpacking.step(Infinity);
  const content = file[0] === 1 ? Buffer.from(unpacking.text) : file.subarray(21);
  if (!sumOf(content).equals(file.subarray(5, 21)))
    throw new Error('The packed file does not continue what is beside it.');
  return content;
}
