import { alikeFrom, alikeToEnd } from './bytes';
import { TooMuch } from './jsonLimits';
import { Members } from './jsonMembers';
import type { Slices } from './slices';

// The lists of a large account have megabytes, are requested every few seconds, and rarely change. So bytes are
// compared before anything is decoded; a list is split into its members, and of a later answer only members with new
// bytes are decoded.

/** A JSON list that was read, with the positions of its members. */
export interface ReadList<T> {
  readonly bytes: Uint8Array;
  /** The result for each member. */
  readonly items: readonly T[];
  /** Offsets of the first byte of each member, and of the byte after its last. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Members between two checks of the time. */
const A_FEW = 50;
/** Largest answer, in bytes, that is kept for comparison. */
const KEPT = 8_000_000;

/** More members than any account has machines or sessions, or a machine has runs in a day. */
export const MOST_MEMBERS = 20_000;

const [COMMA, LIST, END_OF_LIST] = [0x2c, 0x5b, 0x5d];

/**
 * Reads a list without blocking everything else. Undefined if it is not a list of short members: another parser handles
 * those. Takes linear time, whatever the text contains.
 * @param read makes the result for a member.
 * @param before the last list: members with the same bytes keep their results.
 * @throws {TooMuch}, or an `AbortError`.
 */
export async function readList<T>(
  bytes: Uint8Array,
  read: (member: unknown) => T,
  slices: Slices,
  before?: ReadList<T>,
): Promise<ReadList<T> | undefined> {
  const head = before ? alikeFrom(bytes, 0, before.bytes, 0) : 0;
  if (before && head === bytes.length && head === before.bytes.length) return before;
  const walk = new Walk(bytes, read);
  if (before && bytes.length <= KEPT && bytes[walk.at] === LIST) walk.compare(before, head);
  for (let count = 1; ; count++) {
    const step = walk.next();
    if (step === 'foreign') return undefined;
    if (step === 'end') return walk.result;
    if (count > MOST_MEMBERS) throw new TooMuch();
    if (count % A_FEW === 0 && slices.isOver) await slices.rest();
  }
}

/** Goes from member to member of one list. */
class Walk<T> {
  #items: T[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  at: number;
  readonly #members: Members;
  #before: ReadList<T> | undefined;
  /** The member of the earlier list that may come next. */
  #due = 0;
  /** The first member of the earlier list from which on everything is unchanged, and its new position. */
  #rest = { from: Infinity, at: -1 };

  constructor(
    private readonly bytes: Uint8Array,
    private readonly read: (member: unknown) => T,
  ) {
    this.at = skipSpace(bytes, 0);
    this.#members = new Members(bytes);
  }

  get result(): ReadList<T> {
    return { bytes: this.bytes, items: this.#items, starts: this.#starts, ends: this.#ends };
  }

  /**
   * Takes over the members before the first difference, and finds those after the last one. @param head how many bytes
   * are equal at the start.
   */
  compare(before: ReadList<T>, head: number): void {
    const { bytes } = this;
    const most = Math.min(bytes.length, before.bytes.length) - head;
    const tail = alikeToEnd(bytes, before.bytes, most);
    // Compared with the character after or before it, since a longer member could start or end with the same bytes.
    const first = countUpTo(before.ends, head - 1);
    const from = Math.max(first, countUpTo(before.starts, before.bytes.length - tail));
    const start = before.starts[from];
    if (start !== undefined) this.#rest = { from, at: start + bytes.length - before.bytes.length };
    this.#before = before;
    this.#due = first;
    if (first === 0) return;
    this.#items = before.items.slice(0, first);
    this.#starts = before.starts.slice(0, first);
    this.#ends = before.ends.slice(0, first);
    this.at = skipSpace(bytes, before.ends[first - 1] ?? 0);
  }

  next(): 'more' | 'end' | 'foreign' {
    const { bytes } = this;
    const isFirst = this.#items.length === 0;
    const sign = bytes[this.at];
    if (sign === END_OF_LIST && !isFirst) return this.#endAt(this.at);
    if (sign !== (isFirst ? LIST : COMMA)) return 'foreign';
    const start = skipSpace(bytes, this.at + 1);
    if (isFirst && bytes[start] === END_OF_LIST) return this.#endAt(start);
    if (start === this.#rest.at) return this.#takeRest();
    return this.#takeKnown(start) || this.#readAt(start) ? 'more' : 'foreign';
  }

  #endAt(at: number): 'end' | 'foreign' {
    return skipSpace(this.bytes, at + 1) === this.bytes.length ? 'end' : 'foreign';
  }

  /** Whether the expected member, or the one after it, is here byte for byte. */
  #takeKnown(start: number): boolean {
    if (!this.#before) return false;
    const { bytes, items, starts, ends } = this.#before;
    for (let index = this.#due; index < Math.min(this.#due + 2, items.length); index++) {
      const from = starts[index] ?? 0;
      const to = ends[index] ?? 0;
      const item = items[index];
      const length = Math.min(to - from, this.bytes.length - start);
      if (item === undefined || alikeFrom(this.bytes, start, bytes, from, length) < to - from) continue;
      this.#due = index + 1;
      this.#add(item, start, start + to - from);
      return true;
    }
    return false;
  }

  #readAt(start: number): boolean {
    const member = this.#members.at(start);
    if (member) this.#add(this.read(member.value), start, member.end);
    return member !== undefined;
  }

  #add(item: T, start: number, end: number): void {
    this.#items.push(item);
    this.#starts.push(start);
    this.#ends.push(end);
    this.at = skipSpace(this.bytes, end);
  }

  #takeRest(): 'end' {
    const { items = [], starts = [], ends = [], bytes } = this.#before ?? {};
    const shift = this.bytes.length - (bytes?.length ?? 0);
    const moved = (offsets: readonly number[]) => offsets.slice(this.#rest.from).map((offset) => offset + shift);
    this.#items = this.#items.concat(items.slice(this.#rest.from));
    this.#starts = this.#starts.concat(moved(starts));
    this.#ends = this.#ends.concat(moved(ends));
    return 'end';
  }
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let code = bytes[at]; code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;) code = bytes[++at];
  return at;
}

/** How many of these ascending offsets are at most this large. */
function countUpTo(offsets: readonly number[], most: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
