import { textOf } from './bytes';
import { parseJson } from './plainJson';

export interface Member {
  readonly value: unknown;
  /** The offset after it. */
  readonly end: number;
}

/** How many bytes are decoded at a time, and the longest member that is read: takes a few milliseconds. */
const AT_ONCE = 65_536;
/** The usual text between two members. */
const BETWEEN = '},{';
/** After so many wrong guesses, guessing stops. */
const MOST_WRONG = 50;
/** Bytes of a guess. */
const LONGEST_GUESS = 8_192;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The text decoded at a time. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** One character for each byte. */
  readonly isPlain: boolean;
  /** The next position in the text where two members may meet. */
  between: number;
}

/**
 * The objects in a JSON text, each parsed by the engine itself. The end of one is guessed first: a text that the engine
 * can parse is a whole object, since no object continues after its end. Members are short enough that their values need
 * not be counted.
 */
export class Members {
  #part: Part = { from: 0, to: 0, text: '', isPlain: false, between: -1 };
  #wrong = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The object that begins here; undefined if there is none, or it is long. */
  at(start: number): Member | undefined {
    if (this.bytes[start] !== OBJECT) return undefined;
    if (start >= this.#part.to) this.#part = this.#partAt(start);
    const guessed = this.#guessAt(start);
    if (guessed) return guessed;
    const end = this.#endOf(start);
    if (end === undefined) return undefined;
    const { isPlain, from, to, text } = this.#part;
    const isIn = isPlain && end <= to;
    const value = parseJson(isIn ? text.slice(start - from, end - from) : textOf(this.bytes.subarray(start, end)));
    return value === undefined ? undefined : { value, end };
  }

  #guessAt(start: number): Member | undefined {
    const part = this.#part;
    const at = start - part.from;
    if (!part.isPlain || this.#wrong >= MOST_WRONG) return undefined;
    if (part.between < at) part.between = foundFrom(part.text, at);
    if (part.between - at > LONGEST_GUESS) return undefined;
    const value = parseJson(part.text.slice(at, part.between + 1));
    if (value !== undefined) return { value, end: part.from + part.between + 1 };
    this.#wrong++;
    return undefined;
  }

  #partAt(from: number): Part {
    const to = Math.min(this.bytes.length, from + AT_ONCE);
    const text = textOf(this.bytes.subarray(from, to));
    return { from, to, text, isPlain: text.length === to - from, between: -1 };
  }

  #endOf(start: number): number | undefined {
    const { bytes } = this;
    const most = Math.min(bytes.length, start + AT_ONCE);
    let depth = 0;
    for (let at = start; at < most; at++) {
      const code = bytes[at];
      if (code === QUOTE) {
        at = endOfString(bytes, at, most);
      } else if (code === OBJECT || code === LIST) {
        depth++;
      } else if ((code === END_OF_OBJECT || code === END_OF_LIST) && --depth === 0) {
        return at + 1;
      }
    }
    return undefined;
  }
}

const foundFrom = (text: string, at: number): number => {
  const found = text.indexOf(BETWEEN, at);
  return found === -1 ? Infinity : found;
};

function endOfString(bytes: Uint8Array, start: number, most: number): number {
  for (let at = start + 1; at < most; at++) {
    const code = bytes[at];
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return most;
}
