import { Foretelling } from './foretelling';

/** Unpacks what was packed by a range coder that foretells. */
export class Unpacking extends Foretelling {
  /** Where the code goes on. */
  #next = 0;
  /** The code and its range: numbers in an array are quicker. */
  readonly #code = new Uint32Array([0, 2 ** 32 - 1]);

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

  /** Goes on by so many bytes. Of a packed text that is damaged or cut off, any bytes. */
  step(size: number): void {
    this.goOn(Math.min(this.at + size, this.bytes.length));
  }

  protected override next(chance: number, known: number): number {
    if (this.at < this.known.length) return known;
    const code = this.#code;
    const share = Math.floor((code[1] ?? 0) / 2 ** 16) * chance;
    const isOne = (code[0] ?? 0) < share;
    let range = isOne ? share : (code[1] ?? 0) - share;
    if (!isOne) code[0] = (code[0] ?? 0) - share;
    for (; range < 2 ** 24; range *= 256) this.#read();
    code[1] = range;
    return isOne ? 1 : 0;
  }

  #read(): void {
    this.#code[0] = (this.#code[0] ?? 0) * 256 + (this.packed[this.#next++] ?? 0);
  }
}
