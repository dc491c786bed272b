import { Foretelling } from './foretelling';

/** Beyond every whole. */
const NEVER = 2 ** 30;

/** Unpacks what was packed by a range coder that foretells. */
export class Unpacking extends Foretelling {
  /** Where the code goes on. */
  #next = 0;
  /** The code, its range, and one part of that: numbers in an array are quicker. */
  readonly #code = new Uint32Array([0, 2 ** 32 - 1, 0]);

  /** @param known what everybody has: the text that is packed continues it. @param length of that text, bytes */
  constructor(
    private readonly packed: Uint8Array,
    private readonly known: Uint8Array,
    length: number,
  ) {
    const bytes = new Uint8Array(known.length + length);
    bytes.set(known);
    super(bytes);
    for (let count = 0; count < 4; count++) this.#read();
  }

  get isDone(): boolean {
    return this.at === this.bytes.length;
  }

  /** All that is unpacked so far. */
  get text(): Uint8Array {
    return this.bytes.subarray(this.known.length, this.at);
  }

  /** Goes on by so many bytes. Of a packed text that is cut off, any bytes. @throws if it is damaged in a way that shows */
  step(size: number): void {
    const end = Math.min(this.at + size, this.bytes.length);
    this.goOn(Math.min(end, this.known.length), true);
    this.goOn(end, false);
  }

  protected override aim(whole: number): number {
    if (this.at < this.known.length) return NEVER;
    const code = this.#code;
    const unit = (code[2] = Math.floor((code[1] ?? 0) / whole));
    return ((code[0] ?? 0) / unit) | 0;
  }

  protected override take(from: number, share: number): void {
    if (this.at < this.known.length) return;
    const code = this.#code;
    const unit = code[2] ?? 0;
    let range = share * unit;
    code[0] = (code[0] ?? 0) - from * unit;
    for (; range < 2 ** 24; range *= 256) this.#read();
    code[1] = range;
  }

  #read(): void {
    this.#code[0] = (this.#code[0] ?? 0) * 256 + (this.packed[this.#next++] ?? 0);
  }
}
