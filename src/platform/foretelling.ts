import { Chances } from './chances';
import { CONTEXTS } from './contexts';
import { CHANCES, STEPS, stepOf, stretched } from './stretched';

/** What is weighed: the contexts, the bits of the byte alone, and in two ways how the same text went on. */
const INPUTS = CONTEXTS + 3;
const WEIGHT = 0.15;
const PACE = 0.002;
/** Steps between the chances of the last table, and how many it has at each place. */
const WIDE = 256;
const ROW = STEPS / WIDE + 1;
const WHOLE = 2 ** 16 - 1;
/** How soon other chances change. */
const SLOW = 0.02;
/** Shorter texts do not count as the same, longer ones not more than these. */
const LEAST_SAME = 6;
const LONG = 16;
const MOST_SAME = 32;
const PLACE_BITS = 18;

/**
 * Foretells each bit of a text from those before it: what has followed in contexts that are alike is weighed, by what was
 * right at similar places, and a last table corrects the result. What packs and what unpacks extend this: they make the
 * same guesses.
 */
export abstract class Foretelling {
  protected at = 0;
  readonly #chances: Chances;
  readonly #inputs = new Float32Array(INPUTS);
  /** Weights by the bits of the byte; and by the byte before, and how long the same text is. */
  readonly #weights = new Float32Array(5 * 256 * INPUTS).fill(WEIGHT);
  /** Chances by the byte before, the bits of the byte, and the chance that is corrected. */
  readonly #last = new Uint16Array(2 ** 16 * ROW);
  readonly #alone = new Float32Array(256).fill(0.5);
  /** Where texts were last, where the same text as before this place goes on, and how long it is. */
  readonly #places = new Int32Array(2 ** PLACE_BITS);
  #same = 0;
  #length = 0;
  /** How likely that is right, by its length. */
  readonly #rights = new Float32Array(MOST_SAME + 1).fill(0.75);
  /** The bits of the byte so far, after a one. */
  #bits = 1;

  constructor(protected readonly bytes: Uint8Array) {
    this.#chances = new Chances(bytes.length);
    const last = this.#last;
    for (let at = 0; at < ROW; at++) last[at] = (CHANCES[at * WIDE] ?? 1) * WHOLE;
    for (let size = ROW; size < last.length; size *= 2) last.copyWithin(size, 0, size);
  }

  /** The next bit. @param chance that it is one, of 2 ** 16 @param known what it is, if the byte is known */
  protected abstract next(chance: number, known: number): number;

  /** Goes on to this place. */
  protected goOn(end: number): void {
    while (this.at < end) {
      const known = this.bytes[this.at] ?? 0;
      this.#bits = 1;
      this.#findSame(this.#chances.lookAt(this.bytes, this.at));
      for (let left = 7; left >= 0; left--) {
        if (left === 3) this.#chances.lookOn(this.#bits);
        this.#bits = this.#bits * 2 + this.#foretell((known >> left) & 1, this.#guess(left));
      }
      this.bytes[this.at++] = this.#bits;
    }
  }

  /** @param longest a number for the last bytes */
  #findSame(longest: number): void {
    const { bytes, at } = this;
    const place = longest >>> (32 - PLACE_BITS);
    const same = this.#length > 0 ? this.#same + 1 : (this.#places[place] ?? 0);
    const most = Math.min(same, MOST_SAME);
    let length = this.#length;
    while (length < most && bytes[same - length - 1] === bytes[at - length - 1]) length++;
    this.#same = same;
    this.#length = length < LEAST_SAME ? 0 : length;
    this.#places[place] = at;
  }

  /** The next bit if the text goes on like the same text before, or -1. */
  #guess(left: number): number {
    if (this.#length === 0) return -1;
    const byte = (this.bytes[this.#same] ?? 0) | 256;
    if (byte >> (left + 1) === this.#bits) return (byte >> left) & 1;
    this.#length = 0;
    return -1;
  }

  #foretell(known: number, guess: number): number {
    const inputs = this.#inputs;
    const weights = this.#weights;
    const bits = this.#bits;
    const length = this.#length;
    const before = this.bytes[this.at - 1] ?? 0;
    const sign = guess < 0 ? 0 : guess * 2 - 1;
    this.#chances.ask(inputs);
    inputs[CONTEXTS] = stretched(this.#alone[bits] ?? 0);
    inputs[CONTEXTS + 1] = sign * stretched(this.#rights[length] ?? 0);
    inputs[CONTEXTS + 2] = (sign * length) / LONG;
    const one = bits * INPUTS;
    const kind = length === 0 ? 1 : length < LONG ? 2 : length < MOST_SAME ? 3 : 4;
    const other = (kind * 256 + before) * INPUTS;
    let sum = 0;
    for (let at = 0; at < INPUTS; at++)
      sum += ((weights[one + at] ?? 0) + (weights[other + at] ?? 0)) * (inputs[at] ?? 0);
    const step = stepOf(sum);
    const chance = CHANCES[step] ?? 0;
    const bit = this.#correct((before * 256 + bits) * ROW, step, chance, known);
    const error = (bit - chance) * PACE;
    for (let at = 0; at < INPUTS; at++) {
      const change = error * (inputs[at] ?? 0);
      weights[one + at] = (weights[one + at] ?? 0) + change;
      weights[other + at] = (weights[other + at] ?? 0) + change;
    }
    approach(this.#alone, bits, bit);
    if (sign !== 0) approach(this.#rights, length, bit === guess ? 1 : 0);
    this.#chances.learn(bit);
    return bit;
  }

  /** The next bit, with the chance as it was right in this row so far. */
  #correct(row: number, step: number, chance: number, known: number): number {
    const last = this.#last;
    const at = row + Math.floor(step / WIDE);
    const rest = (step % WIDE) / WIDE;
    const lower = last[at] ?? 0;
    const upper = last[at + 1] ?? 0;
    const corrected = lower + (upper - lower) * rest;
    const bit = this.next(1 + Math.floor((chance * WHOLE + corrected) * 0.499_99), known);
    if (rest < 0.5) last[at] = lower + (bit * WHOLE - lower) * SLOW;
    else last[at + 1] = upper + (bit * WHOLE - upper) * SLOW;
    return bit;
  }
}

function approach(chances: Float32Array, at: number, bit: number): void {
  const chance = chances[at] ?? 0;
  chances[at] = chance + (bit - chance) * SLOW;
}
