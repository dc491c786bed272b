/** What a JSON text has of an object or list beyond its JavaScript value. */
export interface Spelling {
  /**
   * Spellings by key or index, where JavaScript would write a number differently: `8.0`, `1e400`, 64-bit integers,
   * `NaN`.
   */
  readonly numbers: ReadonlyMap<string, string>;
  /** The keys in the order of the text, where JavaScript's differs: it puts integer keys first. */
  readonly keys: readonly string[] | undefined;
}

const WORD = /^(?:NaN|-?Infinity)$/;

/** Kept beside the values, which are plain for all other code. A copy has none: see `spelledLike`. */
const SPELLINGS = new WeakMap<object, Spelling>();

/** Remembers how the members of an object or list were written. */
export function spell(container: object, spelling: Spelling): void {
  SPELLINGS.set(container, spelling);
}

/**
 * Gives a copy the spelling of its original wherever both are equal.
 * @param keys of an object, in the order for writing; by default that of the original.
 */
export function spelledLike<T extends object>(copy: T, original: object, keys?: readonly string[]): T {
  const spelling = SPELLINGS.get(original);
  if (spelling) SPELLINGS.set(copy, keys ? { ...spelling, keys } : spelling);
  return copy;
}

/**
 * A copy with another value for one key; everything else is written as before. @param text the spelling of the value,
 * if it is a number.
 */
export function withMember<T extends object>(object: T, key: string, value: unknown, text?: string): T {
  const copy = spelledLike({ ...object, [key]: value }, object);
  const spelling = SPELLINGS.get(copy);
  if (text !== undefined)
    SPELLINGS.set(copy, { keys: spelling?.keys, numbers: new Map(spelling?.numbers).set(key, text) });
  return copy;
}

/** The spelling that was read; undefined if JavaScript writes the number the same, or it was not read from a text. */
export function spellingOf(container: object, key: string, value: number): string | undefined {
  const spelled = SPELLINGS.get(container)?.numbers.get(key);
  return spelled !== undefined && Object.is(Number(spelled), value) ? spelled : undefined;
}

/** `NaN` or an infinity, which Python accepts and JSON lacks: read as null. */
export function wordOf(container: object, key: string): string | undefined {
  const spelled = SPELLINGS.get(container)?.numbers.get(key);
  return spelled !== undefined && WORD.test(spelled) ? spelled : undefined;
}

/** The keys in the order in which they were read. */
export function keysOf(object: object): readonly string[] {
  const keys = Object.keys(object);
  const read = SPELLINGS.get(object)?.keys;
  return read?.length === keys.length && read.every((key) => Object.hasOwn(object, key)) ? read : keys;
}
