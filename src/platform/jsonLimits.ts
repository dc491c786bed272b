/** What of a JSON text is read: beyond that it was not written for anybody to read. */
export interface JsonLimits {
  /** Objects and lists in each other. Graphs within graphs within answers have some twenty. */
  readonly depth: number;
  /** Values in all. */
  readonly values: number;
  /** Members of one object: they are what the engine cannot put together in parts. ComfyUI keeps ten thousand runs. */
  readonly members: number;
  /** Characters of one string: a picture within a workflow has some million. */
  readonly string: number;
  /** Characters of one number, or blanks in a row. */
  readonly run: number;
  /** Whether NaN and the infinities, which JSON lacks and Python writes, are none. */
  readonly isStrict: boolean;
}

export const UNLIMITED: JsonLimits = {
  depth: Infinity,
  values: Infinity,
  members: Infinity,
  string: Infinity,
  run: Infinity,
  isStrict: false,
};

/** Real answers have eight and more bytes for each value in them, whichever server they are from. */
const BYTES_A_VALUE = 8;
/** Small answers may be as dense as they like. */
const ALWAYS = 50_000;

/** @param most how many bytes of such an answer are read. */
export function limitsFor(most: number, isStrict: boolean): JsonLimits {
  const values = Math.max(ALWAYS, Math.ceil(most / BYTES_A_VALUE));
  return { depth: 200, values, members: 20_000, string: 8_000_000, run: 65_536, isStrict };
}

/** A JSON text is beyond its limits. */
export class TooMuch extends Error {
  constructor() {
    super('too much JSON');
  }
}
