/** What a JSON text says of an object or a list beyond its value in JavaScript. */
export interface Spelling {
  /** By key or index, where JavaScript would write it otherwise: `8.0`, `1e400`, whole ones of 64 bits, `NaN`. */
  readonly numbers: ReadonlyMap<string, string>;
  /** In the order of the text, where JavaScript has another one: it puts whole numbers first. */
  readonly keys: readonly string[] | undefined;
}

const WORD = /^(?:NaN|-?Infinity)$/;

/** Beside the values, which are plain ones to everybody who does not ask. A copy has none: see `spelledLike`. */
const SPELLINGS = new WeakMap<object, Spelling>();

/** Remembers how the members of an object or a list were written. */
export function spell(container: object, spelling: Spelling): void {
  SPELLINGS.set(container, spelling);
}

/**
 * The copy, of which all that is the same as in the original is written the same.
 * @param keys of an object, in the order in which they are written; by default as in the original.
 */
export function spelledLike<T extends object>(copy: T, original: object, keys?: readonly string[]): T {
  const spelling = SPELLINGS.get(original);
  if (spelling) SPELLINGS.set(copy, keys ? { ...spelling, keys } : spelling);
  return copy;
}

/** A copy with another value for one key, all else written as before. @param text how the value is written, if it is a number. */
export function withMember<T extends object>(object: T, key: string, value: unknown, text?: string): T {
  const copy = spelledLike({ ...object, [key]: value }, object);
  const spelling = SPELLINGS.get(copy);
  if (text !== undefined)
    SPELLINGS.set(copy, { keys: spelling?.keys, numbers: new Map(spelling?.numbers).set(key, text) });
  return copy;
}

/** As it was read; undefined for any number that JavaScript writes the same, or that was not read from a text. */
export function spellingOf(container: object, key: string, value: number): string | undefined {
  const spelled = SPELLINGS.get(container)?.numbers.get(key);
  return spelled !== undefined && Object.is(Number(spelled), value) ? spelled : undefined;
}

/** `NaN` or an infinity, which JSON lacks and Python takes: read as null. */
export function wordOf(container: object, key: string): string | undefined {
  const spelled = SPELLINGS.get(container)?.numbers.get(key);
  return spelled !== undefined && WORD.test(spelled) ? spelled : undefined;
}

/** In the order in which they were read. */
export function keysOf(object: object): readonly string[] {
  const keys = Object.keys(object);
  const read = SPELLINGS.get(object)?.keys;
  return read?.length === keys.length && read.every((key) => Object.hasOwn(object, key)) ? read : keys;
}
