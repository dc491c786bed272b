// What followed which bytes in a text, after Shkarin's PPMII: for each context, the bytes that have followed it and how
// often; the longest counts, and a new one inherits its first guess from the one that is a byte shorter.
//
// All contexts are in one heap of numbers. A context has four: how many bytes have followed it; the sum of their counts;
// where their list is; the next shorter context. An entry of a list has two: the byte, with its count in the bits above;
// and the longer context that follows, or as a negative number its place in the text, until that context is needed. The
// entry of a context that only one byte has followed is in place of the sum and the list.

/** The longest context, bytes. */
const ORDER = 16;
/** Counts above are halved. */
export const HIGHEST = 124;
export const INCREASE = 4;
/** The first bit of a count. */
export const ONE = 256;
const ROOT = 4;
/** More than one byte can add to the heap. */
const STEP = 1 << 14;

export class Contexts {
  protected at = 0;
  protected heap: Int32Array;
  #end = 8;
  /** The longest context at this place, and the one that is asked. */
  #longest = ROOT;
  protected context = ROOT;
  /** How much longer that could be. */
  protected fall = ORDER;
  /** The entry that came last. */
  protected found = 0;
  /** What the last escape from a context that one byte had followed counts. */
  protected escape = 0;
  readonly #path = new Int32Array(ORDER + 2);

  constructor(protected readonly bytes: Uint8Array) {
    this.heap = new Int32Array(bytes.length * 12 + 2 * STEP);
    const list = this.#room(512);
    this.heap.set([256, 257, list], ROOT);
    for (let byte = 0; byte < 256; byte++) this.heap[list + 2 * byte] = ONE | byte;
  }

  /** Takes note of the byte that was found. */
  protected follow(): void {
    const entry = this.heap[this.found] ?? 0;
    const longer = this.heap[this.found + 1] ?? 0;
    this.bytes[this.at++] = entry;
    if (this.#end + STEP > this.heap.length) this.#grow();
    if (this.fall === 0 && longer > 0) this.context = this.#longest = longer;
    else this.#learn(entry & 255, entry >> 8, longer);
  }

  protected listOf(context: number): number {
    return this.heap[context] === 1 ? context + 1 : (this.heap[context + 2] ?? 0);
  }

  /** Where an entry is after it has changed places with the one before, unless that counts more. */
  protected risen(at: number, least: number): number {
    const { heap } = this;
    const entry = heap[at] ?? 0;
    const before = heap[at - 2] ?? 0;
    if ((entry >> 8) - (before >> 8) < least) return at;
    const longer = heap[at + 1] ?? 0;
    heap[at] = before;
    heap[at + 1] = heap[at - 1] ?? 0;
    heap[at - 2] = entry;
    heap[at - 1] = longer;
    return at - 2;
  }

  /** Halves the counts of the context, and forgets what is then 0. The entry that was found comes first. */
  protected halve(): void {
    const { heap, context } = this;
    const first = heap[context + 2] ?? 0;
    let count = heap[context] ?? 0;
    for (let at = this.found; at > first; at -= 2) this.risen(at, -ONE);
    let escape = (heap[context + 1] ?? 0) + INCREASE;
    heap[first] = (heap[first] ?? 0) + INCREASE * ONE;
    let sum = 0;
    for (let at = first; at < first + 2 * count; at += 2) {
      const entry = heap[at] ?? 0;
      const half = ((entry >> 8) + (this.fall === 0 ? 0 : 1)) >> 1;
      escape -= entry >> 8;
      sum += half;
      heap[at] = (half << 8) | (entry & 255);
      for (let to = at, next = at; to > first && (next = this.risen(to, 1)) < to;) to = next;
    }
    for (; (heap[first + 2 * count - 2] ?? 0) < ONE; count--) escape++;
    heap[context] = count;
    this.found = first;
    if (count > 1) heap[context + 1] = sum + escape - (escape >> 1);
    else this.#keepOne(first, escape);
  }

  #keepOne(first: number, escapes: number): void {
    const { heap, context } = this;
    const entry = heap[first] ?? 0;
    let count = entry >> 8;
    let escape = escapes;
    do {
      count -= count >> 1;
      escape >>= 1;
    } while (escape > 1);
    heap[context + 1] = (count << 8) | (entry & 255);
    heap[context + 2] = heap[first + 1] ?? 0;
    this.found = context + 1;
  }

  #grow(): void {
    const heap = new Int32Array(this.heap.length * 2);
    heap.set(this.heap);
    this.heap = heap;
  }

  #room(size: number): number {
    const at = this.#end;
    this.#end += size;
    return at;
  }

  #entryOf(context: number, byte: number): number {
    const { heap } = this;
    let at = this.listOf(context);
    while (((heap[at] ?? 0) & 255) !== byte) at += 2;
    return at;
  }

  #learn(byte: number, count: number, longer: number): void {
    const { heap, context, found } = this;
    const shorter = heap[context + 3] ?? 0;
    const before = shorter && count < HIGHEST / 4 ? this.#confirm(shorter, byte) : 0;
    if (this.fall === 0) {
      this.context = this.#longest = heap[found + 1] = this.#inherit(byte, longer, before);
      return;
    }
    let next = longer;
    let following = -this.at;
    if (longer === 0) {
      heap[found + 1] = following;
      next = context;
    } else {
      if (longer < 0) next = this.#inherit(byte, longer, before);
      if (--this.fall === 0) following = next;
    }
    this.#add(byte, count, following);
    this.context = this.#longest = next;
  }

  /** A byte counts a little in the next shorter context as well. */
  #confirm(context: number, byte: number): number {
    const { heap } = this;
    const at = this.#entryOf(context, byte);
    const entry = heap[at] ?? 0;
    if (heap[context] === 1) {
      if (entry < 32 * ONE) heap[at] = entry + ONE;
      return at;
    }
    const to = at > (heap[context + 2] ?? 0) ? this.risen(at, 0) : at;
    if (entry < (HIGHEST - 9) * ONE) {
      heap[to] = entry + 2 * ONE;
      heap[context + 1] = (heap[context + 1] ?? 0) + 2;
    }
    return to;
  }

  /** Adds the byte to the contexts that did not foretell it. */
  #add(byte: number, count: number, following: number): void {
    const { heap } = this;
    const size = heap[this.context] ?? 0;
    const rest = (heap[this.context + 1] ?? 0) - size - (count - 1);
    for (let context = this.#longest; context !== this.context; context = heap[context + 3] ?? 0) {
      const own = heap[context] ?? 0;
      if ((own & (own - 1)) === 0) this.#widen(context, own);
      let sum = heap[context + 1] ?? 0;
      if (own > 1) sum += (2 * own < size ? 1 : 0) + (4 * own <= size && sum <= 8 * own ? 2 : 0);
      else sum += this.escape + (size > 3 ? 1 : 0);
      const share = 2 * count * (sum + 6);
      const whole = rest + sum;
      let first = 3;
      if (share < 6 * whole) first = 1 + (share > whole ? 1 : 0) + (share >= 4 * whole ? 1 : 0);
      else first = 4 + (share >= 9 * whole ? 1 : 0) + (share >= 12 * whole ? 1 : 0) + (share >= 15 * whole ? 1 : 0);
      heap[context] = own + 1;
      heap[context + 1] = sum + Math.max(3, first);
      const at = (heap[context + 2] ?? 0) + 2 * own;
      heap[at] = (first << 8) | byte;
      heap[at + 1] = following;
    }
  }

  /** Makes room for as many entries again. The entry of a context that had only one has its count doubled. */
  #widen(context: number, size: number): void {
    const { heap } = this;
    const from = this.listOf(context);
    const list = this.#room(4 * size);
    heap.copyWithin(list, from, from + 2 * size);
    if (size === 1) {
      const count = (heap[list] ?? 0) >> 8;
      const doubled = count < HIGHEST / 4 - 1 ? count * 2 : HIGHEST - INCREASE;
      heap[list] = (doubled << 8) | ((heap[list] ?? 0) & 255);
      heap[context + 1] = doubled;
    }
    heap[context + 2] = list;
  }

  /** Makes the contexts that were only places in the text so far, and returns the longest. */
  #inherit(byte: number, place: number, before: number): number {
    const { heap } = this;
    const path = this.#path;
    let { context } = this;
    let count = 0;
    if (this.fall > 0) path[count++] = this.found;
    let at = before;
    for (let next = heap[context + 3]; next; next = heap[context + 3]) {
      at ||= this.#entryOf(next, byte);
      context = heap[at + 1] ?? 0;
      if (context !== place) break;
      context = next;
      path[count++] = at;
      at = 0;
    }
    if (count === 0) return context;
    const entry = this.#heir(context, this.bytes[-place] ?? 0);
    while (count > 0) {
      const made = this.#room(4);
      heap[made] = 1;
      heap[made + 1] = entry;
      heap[made + 2] = place - 1;
      heap[made + 3] = context;
      heap[(path[--count] ?? 0) + 1] = context = made;
    }
    return context;
  }

  /** The entry of this byte in a context that is one byte longer than this one. */
  #heir(context: number, byte: number): number {
    const { heap } = this;
    const entry = heap[this.#entryOf(context, byte)] ?? 0;
    const size = heap[context] ?? 0;
    if (size === 1) return entry;
    const count = (entry >> 8) - 1;
    const rest = (heap[context + 1] ?? 0) - size - count;
    const share = 2 * count <= rest ? (5 * count > rest ? 1 : 0) : Math.floor((2 * count + 3 * rest - 1) / (2 * rest));
    return ((1 + share) << 8) | byte;
  }
}
