import type { JsonLimits } from './jsonLimits';
import { TooMuch } from './jsonLimits';
import type { Slices } from './slices';

// The lists of a large account are megabytes long, are asked for every few seconds, and hardly ever read differently. So
// a list is taken apart at its members, each is read by the engine itself, and of a later answer only what differs.

/** A JSON list that was read, and where its members stand. */
export interface ReadList {
  readonly text: string;
  readonly items: readonly unknown[];
  /** Offsets of the first character of each member, and of the one after its last. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Characters that the engine reads at a time, which takes it a few milliseconds whatever they are. */
const AT_ONCE = 65_536;
/** Members between two looks at the time. */
const A_FEW = 50;
/** Characters of answers that are compared with the next ones. */
const KEPT = 8_000_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Reads a list without keeping everything else from its turn. Undefined for what is no list of short members: others know
 * how to read that, or what is wrong with it. Takes time in proportion to the text, whatever stands in it.
 * @param before what was read last: what reads the same is not read again, and its members are the same objects.
 * @throws {TooMuch}, or an `AbortError`.
 */
export async function readList(
  text: string,
  limits: JsonLimits,
  slices: Slices,
  before?: ReadList,
): Promise<ReadList | undefined> {
  if (before?.text === text) return before;
  const walk = new Walk(text, limits, text.length <= KEPT ? before : undefined);
  for (let count = 1; ; count++) {
    const step = walk.next();
    if (step === 'foreign') return undefined;
    if (step === 'end') return walk.result;
    if (count % A_FEW === 0 && slices.isOver) await slices.rest();
  }
}

interface Rest {
  readonly of: ReadList;
  /** Its first member that is taken over. */
  readonly from: number;
  /** Where that stands now, and how far that is from where it stood. */
  readonly at: number;
  readonly shift: number;
}

/** From member to member of one list. */
class Walk {
  readonly #items: unknown[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #at: number;
  #values = 0;
  /** Members of the list before that follow what differs, and where they stand now. */
  readonly #rest: Rest | undefined;

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
    before: ReadList | undefined,
  ) {
    this.#at = skipSpace(text, 0);
    if (!before || text[this.#at] !== '[') return;
    this.#rest = this.#compare(before);
  }

  get result(): ReadList {
    return { text: this.text, items: this.#items, starts: this.#starts, ends: this.#ends };
  }

  next(): 'more' | 'end' | 'foreign' {
    const { text } = this;
    const isFirst = this.#items.length === 0;
    const sign = text.charCodeAt(this.#at);
    if (sign === END_OF_LIST && !isFirst) return this.#endAt(this.#at);
    if (sign !== (isFirst ? LIST : COMMA)) return 'foreign';
    const start = skipSpace(text, this.#at + 1);
    if (isFirst && text.charCodeAt(start) === END_OF_LIST) return this.#endAt(start);
    if (start === this.#rest?.at) return this.#takeRest(this.#rest);
    const end = this.#endOfObject(start);
    if (end === undefined) return 'foreign';
    try {
      this.#items.push(JSON.parse(text.slice(start, end)));
    } catch {
      return 'foreign';
    }
    this.#starts.push(start);
    this.#ends.push(end);
    this.#at = skipSpace(text, end);
    return 'more';
  }

  #endAt(at: number): 'end' | 'foreign' {
    return skipSpace(this.text, at + 1) === this.text.length ? 'end' : 'foreign';
  }

  /** The offset after an object; undefined for what is none, or a long one. @throws {TooMuch} */
  #endOfObject(start: number): number | undefined {
    const { text, limits } = this;
    if (text.charCodeAt(start) !== OBJECT) return undefined;
    const most = Math.min(text.length, start + AT_ONCE);
    let depth = 0;
    for (let at = start; at < most; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = endOfString(text, at, most);
      } else if (code === OBJECT || code === LIST) {
        if (++depth >= limits.depth) throw new TooMuch();
        this.#values++;
      } else if (code === COMMA) this.#values++;
      else if ((code === END_OF_OBJECT || code === END_OF_LIST) && --depth === 0) {
        if (++this.#values > limits.values) throw new TooMuch();
        return at + 1;
      }
    }
    return undefined;
  }

  /** Takes over what comes before all that differs, and finds what comes after it. */
  #compare(before: ReadList): Rest | undefined {
    const { text } = this;
    const head = sameAtStart(text, before.text);
    const tail = sameAtEnd(text, before.text, Math.min(text.length, before.text.length) - head);
    // With the sign after it, or before it: it might go on otherwise.
    const first = countUpTo(before.ends, head - 1);
    const from = Math.max(first, countUpTo(before.starts, before.text.length - tail));
    for (let index = 0; index < first; index++) {
      this.#items.push(before.items[index]);
      this.#starts.push(before.starts[index] ?? 0);
      this.#ends.push(before.ends[index] ?? 0);
    }
    if (first > 0) this.#at = skipSpace(text, before.ends[first - 1] ?? 0);
    const start = before.starts[from];
    const shift = text.length - before.text.length;
    return start === undefined ? undefined : { from, at: start + shift, shift, of: before };
  }

  #takeRest({ from, shift, of: { items, starts, ends, text } }: Rest): 'end' {
    for (let index = from; index < items.length; index++) {
      this.#items.push(items[index]);
      this.#starts.push((starts[index] ?? 0) + shift);
      this.#ends.push((ends[index] ?? 0) + shift);
    }
    this.#at = text.length + shift;
    return 'end';
  }
}

function endOfString(text: string, start: number, most: number): number {
  for (let at = start + 1; at < most; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return most;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;)
    code = text.charCodeAt(++at);
  return at;
}

/** How many of these rising offsets are at most so large. */
function countUpTo(offsets: readonly number[], most: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many characters two texts begin with alike: halved again and again, since whole pieces are compared at once. */
function sameAtStart(one: string, other: string): number {
  let [low, high] = [0, Math.min(one.length, other.length)];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (one.slice(low, middle) === other.slice(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The same from their ends. @param most how many at most. */
function sameAtEnd(one: string, other: string, most: number): number {
  const of = (text: string, from: number, to: number) => text.slice(text.length - to, text.length - from);
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (of(one, low, middle) === of(other, low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
