/** Limits of a JSON text. Texts beyond them are not meant to be read. */
export interface JsonLimits {
  /** Nesting of objects and lists. Graphs within graphs within answers have about twenty. */
  readonly depth: number;
  /** Values in total. */
  readonly values: number;
  /** Members of one object, which the engine cannot build in slices. ComfyUI keeps ten thousand runs. */
  readonly members: number;
  /** Characters of one string: an image within a workflow has about a million. */
  readonly string: number;
  /** Characters of one number, or of consecutive white space. */
  readonly run: number;
  /** Whether NaN and the infinities, which Python writes and JSON lacks, are errors. */
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

/** Real answers of all servers have at least eight bytes for each value. */
const BYTES_A_VALUE = 8;
/** Small answers may be denser. */
const ALWAYS = 50_000;

/** @param most the limit for such an answer, bytes. */
export function limitsFor(most: number, isStrict: boolean): JsonLimits {
  const values = Math.max(ALWAYS, Math.ceil(most / BYTES_A_VALUE));
  return { depth: 200, values, members: 20_000, string: 8_000_000, run: 65_536, isStrict };
}

/** A JSON text exceeds its limits. */
export class TooMuch extends Error {
  constructor() {
    super('too much JSON');
  }
}
