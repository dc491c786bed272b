/** How many contexts there are. */
export const CONTEXTS = 5;
/** Of so many last bytes is the first context made, of more the next ones; the last of these numbers makes none. */
const LENGTHS = [2, 4, 6];
const NEW_LINE = 10;

export function hashed(hash: number, more: number): number {
  const product = Math.imul(hash + more + 1, 0x2f0b4c47);
  return product ^ (product >>> 15);
}

const each = <T>(valueOf: (sign: string) => T): readonly T[] =>
  Array.from({ length: 256 }, (_, byte) => valueOf(String.fromCharCode(byte)));
/** Letters, digits and whatever else names consist of, in any language. */
const IS_OF_WORDS = each((sign) => sign > '\x7f' || /[\w$]/.test(sign));
const OPENS = each((sign) => '([{'.includes(sign));
const CLOSES = each((sign) => ')]}'.includes(sign));

/** What stands before a place in a text, seen in several ways: each is a number, the same at places that are alike. */
export class Contexts {
  /** The last bytes; the bracket that is open; the word, alone and with the signs between the words before. */
  readonly hashes = new Int32Array(CONTEXTS);
  /** More of the last bytes than any of these has. */
  longest = 0;
  #word = 0;
  #wordBefore = 0;
  #signs = 0;
  /** The bracket with the word before it, and those around it. */
  #open = 0;
  readonly #around: number[] = [];

  /** Goes on to this place in the text, which is the next one. */
  goOn(bytes: Uint8Array, at: number): void {
    const last = bytes[at - 1] ?? 0;
    this.#read(last);
    let hash = 0;
    let length = 0;
    for (let index = 0; index < LENGTHS.length; index++) {
      while (length < (LENGTHS[index] ?? 0)) hash = hashed(hash, bytes[at - ++length] ?? 0);
      this.hashes[index] = hash;
    }
    this.longest = hash;
    this.hashes[2] = hashed(this.#open, last);
    this.hashes[3] = hashed(this.#word, last);
    this.hashes[4] = hashed(this.#word, this.#signs);
  }

  #read(byte: number): void {
    if (IS_OF_WORDS[byte]) {
      if (this.#word === 0) this.#signs = (this.#signs << 4) | 1;
      this.#word = hashed(this.#word, byte);
      return;
    }
    this.#signs = ((this.#signs << 4) + byte) | 0;
    if (this.#word !== 0) this.#wordBefore = this.#word;
    this.#word = 0;
    if (OPENS[byte]) {
      this.#around.push(this.#open);
      this.#open = hashed(this.#wordBefore, byte);
    }
    if (CLOSES[byte]) this.#open = this.#around.pop() ?? 0;
    if (byte === NEW_LINE) this.#open = this.#around.length = 0;
  }
}
