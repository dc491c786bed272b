import { CONTEXTS, Contexts, hashed } from './contexts';
import { STRETCHED } from './stretched';

/** The most slots: 32 MB. Each has a check, and 15 chances: all that half a byte can ask for. */
const MOST_SLOT_BITS = 20;
const SLOT = 16;
/** Slots that are near each other in memory. */
const NEAR = 63;
/** A chance in a slot has 12 bits. Below are four for how often it was asked, up to this. */
const MOST = 15;
const WHOLE = 4_095;
const EVEN = 0x8000;
/** What a slot knows, in fewer bits: the first 7 of the chance, and how often it was asked. */
const KINDS = 2_048;
/** What each kind has been worth: a chance of 22 bits, and below 8 for how often it was asked, at first a few times. */
const MOST_ASKED = 255;
const FIRST_ASKED = 4;
const FINE = 1 << 22;

/** How soon a chance changes that was asked so often, of 2 ** 16. */
const PACES = Int32Array.from({ length: MOST_ASKED + 1 }, (_, asked) => Math.floor(2 ** 16 / (asked + 1.5)));

/** How likely a one comes next by each context: as often as it came there, and what that has been worth elsewhere. */
export class Chances {
  readonly #contexts = new Contexts();
  readonly #slots: Uint16Array;
  readonly #shift: number;
  /** For each context its slot, the place of the bit in it, and the kind of what is known there. */
  readonly #found = new Int32Array(CONTEXTS);
  readonly #places = new Int32Array(CONTEXTS);
  readonly #kinds = new Int32Array(CONTEXTS);
  readonly #worths = new Int32Array(CONTEXTS * KINDS);
  /** The bits of half the byte so far, after a one. */
  #half = 1;

  /** @param length of the text, bytes */
  constructor(length: number) {
    const bits = Math.max(6, Math.min(MOST_SLOT_BITS, 33 - Math.clz32(length * CONTEXTS)));
    this.#slots = new Uint16Array(SLOT << bits);
    this.#shift = 32 - bits;
    for (let at = 0; at < this.#worths.length; at++)
      this.#worths[at] = ((at % KINDS) >> 4) * (FINE * 2) + FINE + FIRST_ASKED;
  }

  /** Looks at what stands before this place, the next one. @returns a number for the last bytes */
  lookAt(bytes: Uint8Array, at: number): number {
    this.#contexts.goOn(bytes, at);
    this.lookOn(0);
    return this.#contexts.longest;
  }

  /** Finds the slots of the next half of a byte. @param bits of its first half, after a one, or 0 */
  lookOn(bits: number): void {
    const found = this.#found;
    const checks = this.#places;
    const seen = this.#kinds;
    this.#half = 1;
    // Most slots are not in the cache: those that are asked for together arrive together.
    for (let context = 0; context < CONTEXTS; context++) {
      const hash = hashed(hashed(this.#contexts.hashes[context] ?? 0, context), bits);
      const any = Math.imul(hash, 0x9e3779b1) >>> this.#shift;
      const slot = bits === 0 ? any : (((found[context] ?? 0) / SLOT) & ~NEAR) | (any & NEAR);
      checks[context] = hash & 0xffff || 1;
      found[context] = slot * SLOT;
      seen[context] = this.#slots[slot * SLOT] ?? 0;
    }
    for (let context = 0; context < CONTEXTS; context++) {
      const check = checks[context] ?? 0;
      if (seen[context] !== check) found[context] = this.#slotOf(check, found[context] ?? 0);
    }
  }

  /** One that has none yet takes that of a neighbour which was asked least. */
  #slotOf(check: number, first: number): number {
    const slots = this.#slots;
    let found = first;
    let least = MOST + 1;
    for (let turn = 0; turn < 3; turn++) {
      const slot = first ^ (turn * SLOT);
      if (slots[slot] === check) return slot;
      const asked = slots[slot] === 0 ? -1 : (slots[slot + 1] ?? 0) & MOST;
      if (asked >= least) continue;
      found = slot;
      least = asked;
    }
    for (let at = 1; at < SLOT; at++) slots[found + at] = EVEN;
    slots[found] = check;
    return found;
  }

  /** Has the next bit foretold by each context. */
  ask(inputs: Float32Array): void {
    const found = this.#found;
    const places = this.#places;
    const slots = this.#slots;
    const kinds = this.#kinds;
    const worths = this.#worths;
    const half = this.#half;
    for (let context = 0; context < CONTEXTS; context++) {
      const place = (found[context] ?? 0) + half;
      const known = slots[place] ?? 0;
      const kind = context * KINDS + ((known >> 5) & ~MOST) + (known & MOST);
      places[context] = place;
      kinds[context] = kind;
      inputs[context] = STRETCHED[(worths[kind] ?? 0) >> 18] ?? 0;
    }
  }

  learn(bit: number): void {
    const places = this.#places;
    const slots = this.#slots;
    const kinds = this.#kinds;
    const worths = this.#worths;
    this.#half = this.#half * 2 + bit;
    for (let context = 0; context < CONTEXTS; context++) {
      const kind = kinds[context] ?? 0;
      const worth = worths[kind] ?? 0;
      const asked = worth & MOST_ASKED;
      const change = (((bit * (FINE - 1)) >> 8) - (worth >> 16)) * (PACES[asked] ?? 0);
      worths[kind] = worth + (change & ~MOST_ASKED) + (asked < MOST_ASKED ? 1 : 0);
      const place = places[context] ?? 0;
      const known = slots[place] ?? 0;
      const count = known & MOST;
      const more = ((bit * WHOLE - (known >> 4)) * (PACES[count] ?? 0)) >> 16;
      slots[place] = known + more * 16 + (count < MOST ? 1 : 0);
    }
  }
}
