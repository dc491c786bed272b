import { Contexts, HIGHEST, INCREASE, ONE } from './contexts';

const NEW_RUN = -13;
/** The whole of a yes or no. */
const WHOLE = 1 << 14;

/** The first chances to fail, and what an escape counts, by how likely it is. */
const CHANCES = [15_581, 7_999, 22_975, 18_675, 25_761, 23_228, 26_162, 24_657];
const ESCAPES = [25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2];
/** The estimate for a context that every byte has followed: it never changes. */
const NEVER = 400;

/**
 * Foretells each byte from those before it, as the longest context knows them; if none of its bytes fits, an escape leads
 * to the next shorter one. What packs and what unpacks extend this: they make the same guesses, and the arithmetic has
 * the same results on every computer.
 */
export abstract class Foretelling extends Contexts {
  /** Guesses that were right in a row, whether the last one was likely, and whether the last byte was a letter. */
  #run = NEW_RUN;
  #wasLikely = 0;
  #letter = 0;
  /** How many bytes a longer context excludes, and where each was excluded last. */
  #excluded = 0;
  readonly #exclusions = new Int32Array(256);
  /** Chances where only one byte has followed. */
  readonly #chances = new Uint16Array(128 << 6);
  /** Estimates of escapes elsewhere: a sum, its scale, and how soon that changes. */
  readonly #sums = new Uint16Array(NEVER + 1);
  readonly #scales = new Uint8Array(NEVER + 1).fill(3).fill(31, NEVER);
  readonly #waits = new Uint8Array(NEVER + 1).fill(4);
  /** The one that is used. */
  #estimate = NEVER;
  readonly #others = new Int32Array(256);
  readonly #classes = new Uint8Array(256);

  constructor(bytes: Uint8Array) {
    super(bytes);
    for (let at = 0; at < this.#chances.length; at++)
      this.#chances[at] = WHOLE - Math.floor((CHANCES[at & 7] ?? 0) / ((at >> 6) + 2));
    for (let at = 0; at < NEVER; at++) this.#sums[at] = (5 * (at >> 4) + 10) << 3;
    for (let count = 0, size = 1, next = 1; count < 256; count++) {
      this.#classes[count] = count < 3 ? count : size + 2;
      if (count > 2 && --next === 0) next = ++size;
    }
  }

  /** Where in the whole the next byte is. What knows the byte already returns what is never reached. */
  protected abstract aim(whole: number): number;
  /** It is in this part of the whole. */
  protected abstract take(from: number, share: number): void;

  /** Goes on to this place. @throws if nothing can be there */
  protected goOn(end: number, isKnown: boolean): void {
    while (this.at < end) {
      const byte = isKnown ? (this.bytes[this.at] ?? 0) : -1;
      const isFound = this.heap[this.context] === 1 ? this.#isOnly(byte) : this.#isListed(byte);
      if (!isFound) this.#lookShorter(byte);
      this.follow();
    }
  }

  /** Whether this byte is the only one that has followed so far. */
  #isOnly(byte: number): boolean {
    const heap = this.heap;
    const at = this.context + 1;
    const entry = heap[at] ?? 0;
    const others = heap[heap[this.context + 3] ?? 0] ?? 0;
    this.#letter = (heap[this.found] ?? 0) & 192 ? 8 : 0;
    const kind = (others < 2 ? 0 : others < 3 ? 2 : others < 12 ? 4 : 6) + this.#letter + (entry & 192 ? 16 : 0);
    const index = (((entry >> 8) - 1) << 6) + this.#wasLikely + kind + ((this.#run >> 26) & 32);
    const chance = this.#chances[index] ?? 0;
    const less = (chance + 32) >> 7;
    this.found = at;
    const isSo = this.aim(WHOLE) < chance || (entry & 255) === byte;
    if (isSo) {
      this.take(0, chance);
      this.#chances[index] = chance + 128 - less;
      if (entry < 128 * ONE) heap[at] = entry + ONE;
      this.#wasLikely = 1;
      this.#run++;
    } else {
      this.take(chance, WHOLE - chance);
      this.#chances[index] = chance - less;
      this.escape = ESCAPES[(chance - less) >> 10] ?? 0;
      this.#exclusions[entry & 255] = this.at;
      this.#excluded = 1;
      this.#wasLikely = 0;
    }
    return isSo;
  }

  #isListed(byte: number): boolean {
    const heap = this.heap;
    const context = this.context;
    const whole = heap[context + 1] ?? 0;
    const first = heap[context + 2] ?? 0;
    const end = first + 2 * (heap[context] ?? 0);
    const aim = this.aim(whole);
    let from = 0;
    this.#wasLikely = 0;
    for (let at = first; at < end; at += 2) {
      const entry = heap[at] ?? 0;
      const count = entry >> 8;
      if (aim < from + count || (entry & 255) === byte) {
        this.take(from, count);
        if (from === 0 && 2 * count > whole) {
          this.#wasLikely = 1;
          this.#run++;
        }
        heap[context + 1] = whole + INCREASE;
        heap[at] = entry + INCREASE * ONE;
        this.found = from > 0 ? this.risen(at, 1) : at;
        if (count + INCREASE > HIGHEST) this.halve();
        return true;
      }
      from += count;
    }
    this.take(from, whole - from);
    this.#letter = (heap[this.found] ?? 0) & 192 ? 8 : 0;
    this.#exclude(first, end);
    return false;
  }

  #exclude(first: number, end: number): void {
    const heap = this.heap;
    for (let at = first; at < end; at += 2) this.#exclusions[(heap[at] ?? 0) & 255] = this.at;
    this.#excluded = (end - first) >> 1;
  }

  #lookShorter(byte: number): void {
    const heap = this.heap;
    let isFound = false;
    while (!isFound) {
      do {
        this.fall++;
        this.context = heap[this.context + 3] ?? 0;
      } while (heap[this.context] === this.#excluded);
      if (this.context === 0) throw new Error('damaged');
      isFound = this.#isAmongOthers(byte);
    }
    this.#run = NEW_RUN;
  }

  /** Whether it is in the list, of which some bytes are excluded. */
  #isAmongOthers(byte: number): boolean {
    const { heap, at: now, context } = this;
    const exclusions = this.#exclusions;
    const others = this.#others;
    const size = (heap[context] ?? 0) - this.#excluded;
    let at = heap[context + 2] ?? 0;
    let sum = 0;
    for (let count = 0; count < size; at += 2) {
      const entry = heap[at] ?? 0;
      if (exclusions[entry & 255] === now) continue;
      sum += entry >> 8;
      others[count++] = at;
    }
    const escape = this.#expect(size);
    const aim = this.aim(sum + escape);
    let from = 0;
    for (let count = 0; count < size; count++) {
      const other = others[count] ?? 0;
      const entry = heap[other] ?? 0;
      if (aim < from + (entry >> 8) || (entry & 255) === byte) {
        this.take(from, entry >> 8);
        this.#settle();
        heap[other] = entry + INCREASE * ONE;
        heap[context + 1] = (heap[context + 1] ?? 0) + INCREASE;
        this.found = other;
        if ((entry >> 8) + INCREASE > HIGHEST) this.halve();
        return true;
      }
      from += entry >> 8;
      exclusions[entry & 255] = now;
    }
    this.take(sum, escape);
    this.#sums[this.#estimate] = (this.#sums[this.#estimate] ?? 0) + sum + escape;
    this.#excluded += size;
    return false;
  }

  /** What an escape counts here, where so many bytes are not excluded. */
  #expect(left: number): number {
    const { heap, context } = this;
    const size = heap[context] ?? 0;
    const see =
      size === 256
        ? NEVER
        : ((this.#classes[left - 1] ?? 0) << 4) +
          (left < (heap[heap[context + 3] ?? 0] ?? 0) - size ? 1 : 0) +
          ((heap[context + 1] ?? 0) < 11 * size ? 2 : 0) +
          (this.#excluded > left ? 4 : 0) +
          this.#letter;
    const sum = this.#sums[see] ?? 0;
    const escape = sum >> (this.#scales[see] ?? 0);
    this.#sums[see] = sum - escape;
    this.#estimate = see;
    return escape || 1;
  }

  #settle(): void {
    const see = this.#estimate;
    const scale = this.#scales[see] ?? 0;
    const wait = (this.#waits[see] ?? 0) - 1;
    if (scale > 6) return;
    this.#waits[see] = wait || 3 << scale;
    if (wait > 0) return;
    this.#sums[see] = (this.#sums[see] ?? 0) * 2;
    this.#scales[see] = scale + 1;
  }
}
