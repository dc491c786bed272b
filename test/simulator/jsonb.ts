/** A number as it was written. */
export class Written {
  constructor(readonly text: string) {}
}

/** JSON as Python reads it: objects in their order, numbers as written. */
export type Json = null | boolean | string | Written | readonly Json[] | ReadonlyMap<string, Json>;

/** The database refuses this value. The message is the beginning of the server's own. */
export class Unstorable extends Error {}

const TOKEN =
  /\s*(?:([[\]{},:])|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)|(true|false|null))\s*/suy;
const WORDS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** @throws {SyntaxError} for other text. @throws {RangeError} where it is nested too deeply. */
export function parsed(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value();
  if (!reader.isDone) throw new SyntaxError('Extra data');
  return value;
}

/** Python gives up where its own calls are nested as deeply; recorded for 1,500. */
const DEEPEST = 1_000;

class Reader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  get isDone(): boolean {
    return this.#at === this.text.length;
  }

  value(): Json {
    const [, sign, string, number, word] = this.#token();
    if (string !== undefined) return stringOf(string);
    if (number !== undefined) return new Written(number);
    if (word !== undefined) return WORDS.get(word) ?? null;
    if (sign === '[') return this.#members(']', () => this.value());
    if (sign !== '{') throw new SyntaxError('Expecting value');
    return new Map(
      this.#members('}', () => {
        const [, , key] = this.#token();
        if (key === undefined || this.#token()[1] !== ':') throw new SyntaxError('Expecting property name');
        return [stringOf(key), this.value()] as const;
      }),
    );
  }

  #closed<T>(members: readonly T[]): readonly T[] {
    this.#depth--;
    return members;
  }

  #members<T>(end: string, one: () => T): readonly T[] {
    if (++this.#depth > DEEPEST) throw new RangeError('maximum recursion depth exceeded');
    const members: T[] = [];
    if (this.#isNext(end)) return this.#closed(members);
    for (;;) {
      members.push(one());
      const [, sign] = this.#token();
      if (sign === end) return this.#closed(members);
      if (sign !== ',') throw new SyntaxError('Expecting a comma');
    }
  }

  #isNext(sign: string): boolean {
    const at = this.#at;
    if (this.#token()[1] === sign) return true;
    this.#at = at;
    return false;
  }

  #token(): RegExpExecArray {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.text);
    if (!match) throw new SyntaxError('Expecting value');
    this.#at = TOKEN.lastIndex;
    return match;
  }
}

function stringOf(inner: string): string {
  return JSON.parse(`"${inner}"`) as string;
}

/** As JavaScript has it. */
export function plainOf(json: Json | undefined): unknown {
  if (json instanceof Written) return Number(json.text);
  const members = membersOf(json);
  if (members) return Object.fromEntries([...members].map(([key, member]) => [key, plainOf(member)]));
  return Array.isArray(json) ? (json as readonly Json[]).map(plainOf) : json;
}

/** Undefined if it is no object. */
export function membersOf(json: Json | undefined): ReadonlyMap<string, Json> | undefined {
  return json instanceof Map ? (json as ReadonlyMap<string, Json>) : undefined;
}

/** As Python writes it: keys in their order, the last of equal ones. */
export function sentText(json: Json): string {
  return text(json, floatText, (keys) => keys);
}

/** As Postgres gives it back: keys by length, then bytewise, and numbers by their value. @throws {Unstorable} */
export function storedText(json: Json): string {
  return text(json, keptNumber, (keys) => [...keys].sort(byLength), refuse);
}

type NumberText = (written: string) => string;
type Order = (keys: readonly string[]) => readonly string[];

function text(json: Json, number: NumberText, order: Order, check: (string: string) => void = () => {}): string {
  const inner = (member: Json): string => text(member, number, order, check);
  if (json instanceof Written) return number(json.text);
  if (typeof json === 'string') check(json);
  const map = membersOf(json);
  if (map) {
    return `{${order([...map.keys()])
      .map((key) => `${inner(key)}:${inner(map.get(key) ?? null)}`)
      .join(',')}}`;
  }
  return Array.isArray(json) ? `[${(json as readonly Json[]).map(inner).join(',')}]` : JSON.stringify(json);
}

function byLength(a: string, b: string): number {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length - second.length || Buffer.compare(first, second);
}

function refuse(string: string): void {
  if (string.includes('\0')) throw new Unstorable(WRONG_CHARACTER);
  if (/\p{Cs}/u.test(string)) throw new Unstorable(`${WRONG_TEXT}Unicode low surrogate must follow a high surrogate.`);
}

const ERROR = "(sqlalchemy.dialects.postgresql.asyncpg.Error) <class 'asyncpg.exceptions.";
const WRONG_TEXT = `${ERROR}InvalidTextRepresentationError'>: invalid input syntax for type json\nDETAIL:  `;
const WRONG_CHARACTER = `${ERROR}UntranslatableCharacterError'>: unsupported Unicode escape sequence\nDETAIL:  \\u0000 cannot be converted to text.`;

/** Whole numbers are exact; others are doubles. */
function floatText(written: string): string {
  if (/^-?\d+$/.test(written)) return written;
  const value = Number(written);
  const isLarge = Math.abs(value) >= 1e16 && Number.isFinite(value);
  const [mantissa = '', exponent] = (isLarge ? value.toExponential() : String(value)).split('e');
  if (exponent === undefined) {
    const whole = Object.is(value, -0) ? '-0' : mantissa;
    return whole.includes('.') || !/\d/.test(whole) ? whole : `${whole}.0`;
  }
  return `${mantissa}e${exponent[0] ?? ''}${exponent.slice(1).padStart(2, '0')}`;
}

/** A number with an exponent becomes its digits; one without a fraction is whole. Zero has no sign. */
function keptNumber(written: string): string {
  const value = Number(written);
  if (!Number.isFinite(value)) throw new Unstorable(`${WRONG_TEXT}Token "${wordOf(value)}" is invalid.`);
  const [mantissa = '', exponent = '0'] = written.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const isWhole = Number(exponent) >= fraction.length && (fraction === '' || exponent !== '0');
  const digits = isWhole ? `${whole}${fraction}${'0'.repeat(Number(exponent) - fraction.length)}` : floatText(written);
  return digits.replace(/^-(?=0(?:\.0)?$)/, '').replace(/^(-?)0+(?=\d)/, '$1');
}

function wordOf(value: number): string {
  return Number.isNaN(value) ? 'NaN' : String(value);
}
