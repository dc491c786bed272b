import { Refusal } from './answers';

type Place = 'body' | 'query' | 'path';

interface Problem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, string>>;
}

const TRUE = new Set(['1', 'true', 'on', 'yes', 't', 'y']);
const FALSE = new Set(['0', 'false', 'off', 'no', 'f', 'n']);

export function isUuid(text: string): boolean {
  return uuidFault(text) === undefined;
}

/** Reads fields as the server's validator does, and refuses all wrong ones together in one 422. */
export class Fields {
  readonly #problems: Problem[] = [];

  constructor(
    private readonly place: Place,
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  /** Required. */
  text(name: string): string {
    if (!this.has(name)) return this.#missing(name, '');
    const value = this.values[name];
    return typeof value === 'string' ? value : this.#wrong(name, '', 'string_type', 'Input should be a valid string');
  }

  /** Required. */
  object(name: string): void {
    if (!this.has(name)) this.#missing(name, '');
    else if (!isRecord(this.values[name])) this.#wrong(name, '', 'dict_type', 'Input should be a valid dictionary');
  }

  /** Required. */
  uuid(name: string): string {
    if (!this.has(name)) return this.#missing(name, '');
    const value = this.values[name];
    const wrong = 'UUID input should be a string, bytes or UUID object';
    if (typeof value !== 'string') return this.#wrong(name, '', 'uuid_type', wrong);
    const error = uuidFault(value);
    if (error === undefined) return value;
    return this.#wrong(name, '', 'uuid_parsing', `Input should be a valid UUID, ${error}`, { error });
  }

  /** Required. */
  int(name: string): number {
    return this.has(name) ? this.#int(name, this.values[name]) : this.#missing(name, 0);
  }

  intOr<T>(name: string, otherwise: T): number | T {
    return this.#absent(name) ? otherwise : this.#int(name, this.values[name]);
  }

  textOr<T>(name: string, otherwise: T): string | T {
    return this.#absent(name) ? otherwise : this.text(name);
  }

  flagOr<T>(name: string, otherwise: T): boolean | T {
    if (this.#absent(name)) return otherwise;
    const value = this.values[name];
    if (typeof value === 'boolean') return value;
    const word = String(value).toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    const msg = 'Input should be a valid boolean, unable to interpret input';
    return this.#wrong(name, false, 'bool_parsing', msg);
  }

  oneOfOr<T>(name: string, words: readonly string[], otherwise: T): string | T {
    if (this.#absent(name)) return otherwise;
    const value = this.values[name];
    if (typeof value === 'string' && words.includes(value)) return value;
    const quoted = words.map((word) => `'${word}'`);
    const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`;
    return this.#wrong(name, '', 'enum', `Input should be ${expected}`, { expected });
  }

  check(): void {
    if (this.#problems.length > 0) throw new Refusal(422, this.#problems);
  }

  #absent(name: string): boolean {
    return !this.has(name) || this.values[name] === null;
  }

  #int(name: string, value: unknown): number {
    if (typeof value === 'string') {
      if (/^\s*[+-]?\d+(\.0*)?\s*$/.test(value)) return Number(value);
      const msg = 'Input should be a valid integer, unable to parse string as an integer';
      return this.#wrong(name, 0, 'int_parsing', msg);
    }
    if (typeof value === 'boolean') return Number(value);
    if (typeof value !== 'number') return this.#wrong(name, 0, 'int_type', 'Input should be a valid integer');
    if (Number.isInteger(value)) return value;
    const msg = 'Input should be a valid integer, got a number with a fractional part';
    return this.#wrong(name, 0, 'int_from_float', msg);
  }

  #missing<T>(name: string, stand: T): T {
    const input = this.place === 'body' ? this.values : null;
    this.#problems.push({ type: 'missing', loc: [this.place, name], msg: 'Field required', input });
    return stand;
  }

  #wrong<T>(name: string, stand: T, type: string, msg: string, ctx?: Readonly<Record<string, string>>): T {
    const problem = { type, loc: [this.place, name], msg, input: this.values[name] };
    this.#problems.push(ctx ? { ...problem, ctx } : problem);
    return stand;
  }
}

export async function bodyOf(request: Request): Promise<Fields> {
  const text = await request.text();
  if (text === '') throw refusedBody({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
  const isJson = /^application\/(.+\+)?json/.test(request.headers.get('content-type') ?? '');
  const value = isJson ? parsed(text) : text;
  if (isRecord(value)) return new Fields('body', value);
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  throw refusedBody({ type: 'model_attributes_type', loc: ['body'], msg, input: value });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const ctx = { error: 'Expecting value' };
    throw refusedBody({ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {}, ctx });
  }
}

function refusedBody(problem: Problem): Refusal {
  return new Refusal(422, [problem]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UUID_GROUPS = [8, 4, 4, 4, 12] as const;

/** The validator's message for a wrong UUID; undefined for a right one. */
function uuidFault(text: string): string | undefined {
  const stray = /[^0-9a-f-]/i.exec(text);
  if (stray) return `invalid character: found \`${stray[0]}\` at ${stray.index + 1}`;
  const groups = text.split('-');
  if (groups.length === 1) {
    return text.length === 32
      ? undefined
      : `invalid length: expected length 32 for simple format, found ${text.length}`;
  }
  if (groups.length !== UUID_GROUPS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const index = groups.findIndex((group, at) => group.length !== UUID_GROUPS[at]);
  if (index === -1) return undefined;
  const [found, expected] = [groups[index]?.length ?? 0, UUID_GROUPS[index] ?? 0];
  return `invalid group length in group ${index}: expected ${expected}, found ${found}`;
}
