import type { Prompt } from '../comfyui/workflow';
import { parseJson } from '../platform/plainJson';
import { keysOf, spellingOf } from '../platform/spelling';
import { withInput } from './inputFiles';

/** A value for an input of a node. */
export interface Setting {
  readonly nodeId: string;
  readonly input: string;
  /** The exact text to send: numbers may have more digits than JavaScript has. */
  readonly json: string;
}

/** The changes of one run to the prompt. */
export type Settings = readonly Setting[];

/** An input with its current value. */
export interface Variable extends Setting {
  readonly classType: string;
}

/** The most runs of one list. */
export const MOST_RUNS = 500;
/** Characters of a typed list, and of one value. */
const LONGEST_TEXT = 20_000;
const SEEDS = new Set(['seed', 'noise_seed']);
/** Every node accepts seeds below this. */
const SEED = 2 ** 32;

/** The inputs that are not fed by a link. */
export function variablesOf(prompt: Prompt): readonly Variable[] {
  return Object.entries(prompt).flatMap(([nodeId, { class_type: classType, inputs }]) =>
    keysOf(inputs).flatMap((input) => {
      const value = inputs[input];
      if (!['string', 'number', 'boolean'].includes(typeof value)) return [];
      const spelled = typeof value === 'number' ? spellingOf(inputs, input, value) : undefined;
      return [{ nodeId, input, classType, json: spelled ?? JSON.stringify(value) }];
    }),
  );
}

/** Numbers whose only purpose is to make runs differ. */
export function seedsOf(variables: readonly Variable[]): readonly Variable[] {
  return variables.filter(({ input, json }) => SEEDS.has(input) && /^\d/.test(json));
}

/** @param random in [0, 1). */
export function newSeeds(seeds: readonly Variable[], count: number, random: () => number): readonly Settings[] {
  const one = ({ nodeId, input }: Variable) => ({ nodeId, input, json: String(Math.floor(random() * SEED)) });
  return Array.from({ length: count }, () => seeds.map(one));
}

/** One run for each value. */
export function oneByOne({ nodeId, input }: Setting, values: readonly string[]): readonly Settings[] {
  return values.map((json) => [{ nodeId, input, json }]);
}

/** All combinations. */
export function crossed(some: readonly Settings[], others: readonly Settings[]): readonly Settings[] {
  return some.flatMap((one) => others.map((other) => [...one, ...other]));
}

export function withSettings(prompt: Prompt, settings: Settings): Prompt {
  return settings.reduce((made, { nodeId, input, json }) => {
    const value = parseJson(json);
    return withInput(made, nodeId, input, value, typeof value === 'number' ? json : undefined);
  }, prompt);
}

const RANGE = /^(-?\d{1,20}(?:\.\d{1,12})?)\.\.(-?\d{1,20}(?:\.\d{1,12})?)(?:\/(\d{1,20}(?:\.\d{1,12})?))?$/;
const NUMBER = /^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,15})?$/;

/**
 * The values that the user typed: a list separated by semicolons, or for a number a range (`1..10`, with steps
 * `5..8/0.5`).
 * @param like a value of the input as JSON: all others have to be of its kind. Undefined if they are not, or are too
 * many.
 */
export function readValues(text: string, like: string): readonly string[] | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const range = RANGE.exec(text.replace(/\s+/g, ''));
  return range && !like.startsWith('"') ? rangeOf(range) : valuesOf(text.split(';'), like);
}

/** The same for lines. */
export function valuesOf(lines: readonly string[], like: string): readonly string[] | undefined {
  const given = lines.map((line) => line.trim()).filter((line) => line !== '');
  const values = like.startsWith('"') ? given.map((line) => JSON.stringify(line)) : given;
  const isFit = (json: string) =>
    like.startsWith('"') ? json.length <= LONGEST_TEXT : isBoolean(like) ? isBoolean(json) : NUMBER.test(json);
  return values.length > 0 && values.length <= MOST_RUNS && values.every(isFit) ? values : undefined;
}

function isBoolean(json: string): boolean {
  return json === 'true' || json === 'false';
}

/** In integers of the smallest decimal place, so that adding 0.1 is exact. */
function rangeOf([, from = '', to = '', by = '1']: readonly string[]): readonly string[] | undefined {
  const places = Math.max(...[from, to, by].map((text) => text.split('.')[1]?.length ?? 0));
  const whole = (text: string) => {
    const [integer = '', fraction = ''] = text.split('.');
    return BigInt(integer + fraction.padEnd(places, '0'));
  };
  const [first, last, size] = [whole(from), whole(to), whole(by)];
  if (size === 0n) return undefined;
  const step = first <= last ? size : -size;
  const count = (last - first) / step + 1n;
  if (count > MOST_RUNS) return undefined;
  return Array.from({ length: Number(count) }, (_, index) => decimal(first + BigInt(index) * step, places));
}

function decimal(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  return `${value < 0n ? '-' : ''}${digits.slice(0, cut)}${places > 0 ? `.${digits.slice(cut)}` : ''}`;
}
