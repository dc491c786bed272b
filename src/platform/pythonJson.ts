import { parseJson } from './plainJson';
import { limitsFor, TooMuch, UNLIMITED, type JsonLimits } from './jsonLimits';
import type { Slices } from './slices';
import { spell } from './spelling';

/** Numbers that JavaScript would write differently or not at all, and keys that it would reorder. */
const ODD = /NaN|Infinity|\d[\d.]{15}|\.\d*0(?!\d)|\.0{6}|\d[eE][+-]?\d|-0|"\d+"\s*:/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** The first three are JSON; Python also writes the others. */
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', null],
  ['Infinity', null],
  ['-Infinity', null],
]);

/**
 * JSON as Python writes it: NaN and the infinities are read as null. What a number has beyond its value, such as `8.0`
 * or digits that a double cannot hold, is kept beside the values for writing them again. Undefined if it is not JSON at
 * all. Takes linear time, whatever the text contains.
 */
export function parsePythonJson(text: string): unknown {
  if (!ODD.test(text)) return parseJson(text);
  try {
    return new Reader(text, UNLIMITED).readOn(Infinity)?.value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Characters of a text that is read in one go: takes a few milliseconds at most. */
export const READ_AT_ONCE = 65_536;

/**
 * The same for a text of any size that a person may have written, without blocking everything else. Undefined also for
 * texts beyond the limits. @throws an `AbortError`.
 */
export async function readForeignJson(text: string, slices: Slices): Promise<unknown> {
  if (text.length <= READ_AT_ONCE) return parsePythonJson(text);
  try {
    return await readJsonInSlices(text, { ...limitsFor(text.length, false), string: Infinity }, slices);
  } catch (error) {
    if (error instanceof TooMuch) return undefined;
    throw error;
  }
}

/** Values, or characters, that are read at a time. */
const AT_A_TIME = 1_000;
/** Characters; joining the parts of a longer text has just taken longer than a slice. */
const PUT_TOGETHER = 8_000_000;

/**
 * The same for a text of any size, without blocking everything else.
 * @throws {TooMuch}, or an `AbortError`.
 */
export async function readJsonInSlices(text: string, limits: JsonLimits, slices: Slices): Promise<unknown> {
  const reader = new Reader(text, limits);
  if (text.length > PUT_TOGETHER) await slices.rest();
  try {
    for (;;) {
      const whole = reader.readOn(AT_A_TIME);
      if (whole) return whole.value;
      if (slices.isOver) await slices.rest();
    }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const JSON_WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null']);
/** This many characters take as long as a value. */
const CHARACTERS_A_VALUE = 50;
const NO_KEYS: string[] = [];
const NO_NUMBERS: ReadonlyMap<string, string> = new Map();
const OWN = { writable: true, enumerable: true, configurable: true };

/** An object or a list whose end has not been read. */
interface Open {
  readonly value: Record<string, unknown> | unknown[];
  /** Undefined if there are none, as usual. */
  numbers: Map<string, string> | undefined;
  /** Of an object. */
  readonly keys: string[];
  /** The key of the next member. */
  key: string;
}

/** Reads a text from start to end, not recursively: texts may nest as deep as they are long. */
class Reader {
  #at = 0;
  #values = 0;
  readonly #open: Open[] = [];
  /**
   * The spelling of the last value, if JavaScript would write it differently: a number, or a word for a missing one.
   */
  #spelled: string | undefined;

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
  ) {}

  /**
   * Undefined if more is to come after so many values. A long value is read to its end, and counts for more.
   * @throws {SyntaxError | TooMuch}
   */
  readOn(most: number): { readonly value: unknown } | undefined {
    const from = this.#at;
    for (let count = 0; count + (this.#at - from) / CHARACTERS_A_VALUE < most; count++) {
      if (++this.#values > this.limits.values) throw new TooMuch();
      const member = this.#value();
      if (member === undefined) continue; // an object or a list has begun
      const whole = this.#add(member.value);
      if (whole === undefined) continue;
      this.#skipSpace();
      if (this.#at < this.text.length) throw new SyntaxError('more than one value');
      return whole;
    }
    return undefined;
  }

  /** Adds a value to its container, and closes all containers that end with it. Undefined if more is to come. */
  #add(value: unknown): { readonly value: unknown } | undefined {
    let member = value;
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      put(open, member, this.#spelled);
      if (open.keys.length > this.limits.members) throw new TooMuch();
      this.#spelled = undefined;
      const isList = Array.isArray(open.value);
      if (this.#takes(',')) {
        open.key = isList ? String(Number(open.key) + 1) : this.#keyOfMember();
        return undefined;
      }
      if (!this.#takes(isList ? ']' : '}')) throw new SyntaxError('no end');
      this.#open.pop();
      member = finished(open);
    }
    return { value: member };
  }

  /** Undefined at the beginning of an object or a list with members. */
  #value(): { readonly value: unknown } | undefined {
    this.#spelled = undefined;
    if (this.#takes('{')) {
      if (this.#open.length >= this.limits.depth) throw new TooMuch();
      if (this.#takes('}')) return { value: {} };
      const open: Open = { value: {}, numbers: undefined, keys: [], key: this.#keyOfMember() };
      this.#open.push(open);
      return undefined;
    }
    if (this.#takes('[')) {
      if (this.#open.length >= this.limits.depth) throw new TooMuch();
      if (this.#takes(']')) return { value: [] };
      this.#open.push({ value: [], numbers: undefined, keys: NO_KEYS, key: '0' });
      return undefined;
    }
    return { value: this.text[this.#at] === '"' ? this.#string() : (this.#number() ?? this.#word()) };
  }

  #keyOfMember(): string {
    this.#skipSpace();
    if (this.text[this.#at] !== '"') throw new SyntaxError('no key');
    const key = this.#string();
    if (!this.#takes(':')) throw new SyntaxError('no value');
    return key;
  }

  #string(): string {
    const { text, limits } = this;
    let end = this.#at + 1;
    for (; text[end] !== '"'; end++) {
      if (end >= text.length) throw new SyntaxError('no end of a string');
      if (end - this.#at > limits.string) throw new TooMuch();
      if (text[end] === '\\') end++;
    }
    const value: unknown = JSON.parse(text.slice(this.#at, end + 1));
    this.#at = end + 1;
    return String(value);
  }

  #number(): number | undefined {
    NUMBER.lastIndex = this.#at;
    const spelled = NUMBER.exec(this.text)?.[0];
    if (spelled === undefined) return undefined;
    this.#at += spelled.length;
    if (spelled.length > this.limits.run) throw new TooMuch();
    const value = Number(spelled);
    if (String(value) !== spelled) this.#spelled = spelled;
    return value;
  }

  #word(): boolean | null {
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.#at) || (this.limits.isStrict && !JSON_WORDS.has(word))) continue;
      this.#at += word.length;
      if (value === null && word !== 'null') this.#spelled = word;
      return value;
    }
    throw new SyntaxError('no value');
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    const most = this.#at + this.limits.run;
    for (let at = this.text[this.#at]; at === ' ' || at === '\n' || at === '\r' || at === '\t';) {
      at = this.text[++this.#at];
      if (this.#at > most) throw new TooMuch();
    }
  }
}

/** Of two members with the same name the later one counts, as in JavaScript and Python. */
function put(open: Open, value: unknown, spelled: string | undefined): void {
  const { value: container, keys, key } = open;
  if (Array.isArray(container)) container.push(value);
  else {
    if (!Object.hasOwn(container, key)) keys.push(key);
    if (key === '__proto__')
      Object.defineProperty(container, key, { value, ...OWN }); // an assignment would set the prototype
    else container[key] = value;
  }
  if (spelled !== undefined) (open.numbers ??= new Map()).set(key, spelled);
  else open.numbers?.delete(key);
}

function finished({ value, numbers, keys }: Open): unknown {
  const order = keys.length === 0 ? keys : Object.keys(value);
  const isMoved = keys.some((key, index) => key !== order[index]);
  if (numbers || isMoved) spell(value, { numbers: numbers ?? NO_NUMBERS, keys: isMoved ? keys : undefined });
  return value;
}
