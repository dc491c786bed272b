import { exactJson } from '../platform/jsonText';
import { spellingOf, wordOf } from '../platform/spelling';
import type { TakenInput } from './checkedNodes';
import type { Found } from './findings';
import { isFields, type Fields } from './nodeDefs';

const SEEDS = new Set(['seed', 'noise_seed']);
/** Characters of a value that are shown. */
const LONGEST = 200;
/** Texts that Python accepts as numbers. */
const WHOLE = /^[+-]?\d+(?:_\d+)*$/;
const DECIMAL = /^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?$/i;
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
]);

/** What ComfyUI would report about a value that is not a link. */
export function valueProblem(taken: TakenInput, inputs: Fields): Found | undefined {
  const { name, type, options } = taken.def;
  const given = inputs[name];
  // The page's form for lists.
  const value = isFields(given) && Object.hasOwn(given, '__value__') ? given['__value__'] : given;
  if (type === 'COMBO') return choiceProblem(taken, value);
  if (type !== 'INT' && type !== 'FLOAT') return undefined;
  const isWhole = type === 'INT';
  const number = numberOf(value, isWhole) ?? wordNumber(inputs, name, isWhole);
  if (number === undefined) return { wrong: { kind: 'notANumber', value: shortText(value), isWhole } };
  const [min, max] = [options['min'], options['max']];
  const isSmall = typeof min === 'number' && number < min;
  if (!isSmall && !(typeof max === 'number' && number > max)) return undefined;
  const end = isSmall ? 'min' : 'max';
  const limit = isSmall ? min : Number(max);
  const json = spellingOf(options, end, limit) ?? String(limit);
  const fix = SEEDS.has(name) ? ({ kind: 'seed' } as const) : ({ kind: 'value', json } as const);
  const written = typeof value === 'number' ? (spellingOf(inputs, name, value) ?? String(value)) : shortText(value);
  return { wrong: { kind: isSmall ? 'tooSmall' : 'tooLarge', value: written, limit: json }, fix };
}

function choiceProblem(taken: TakenInput, value: unknown): Found | undefined {
  const { options } = taken.def;
  if (options['remote'] || options['remote_combo']) return undefined; // the page fetches its choices
  const isMany = Boolean(options['multiselect'] ?? options['multi_select']);
  const values: readonly unknown[] = isMany && Array.isArray(value) ? value : [value];
  const one = values.find((each) => !taken.has(each));
  if (one === undefined) return undefined;
  if (taken.isUpload) {
    // In a folder, or in another place: lists do not contain those.
    const isElsewhere = typeof one === 'string' && /[\\/]| \[\w+\]$/.test(one);
    return isElsewhere ? undefined : { wrong: { kind: 'noFile', value: shortText(one) } };
  }
  const like = typeof one === 'string' && one === value ? taken.onlyLike(one) : undefined;
  const fix = like === undefined ? {} : { fix: { kind: 'value', json: JSON.stringify(like) } as const };
  return { wrong: { kind: 'notInList', value: shortText(one) }, ...fix };
}

/** The result of Python's `int(…)` and `float(…)`; undefined if they fail. */
function numberOf(value: unknown, isWhole: boolean): number | undefined {
  if (typeof value === 'number') return isWhole ? Math.trunc(value) : value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const digits = text.replaceAll('_', '');
  if (isWhole) return WHOLE.test(text) ? Number(digits) : undefined;
  const word = WORDS.get(text.replace(/^[+-]/, '').toLowerCase());
  if (word !== undefined) return text.startsWith('-') ? -word : word;
  return DECIMAL.test(text) && !/_(?!\d)|(?<!\d)_/.test(text) ? Number(digits) : undefined;
}

/** `NaN` and the infinities, which JavaScript cannot parse. */
function wordNumber(inputs: Fields, name: string, isWhole: boolean): number | undefined {
  const word = wordOf(inputs, name);
  return word === undefined || isWhole ? undefined : Number(word);
}

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? value : exactJson(value);
  return text.slice(0, LONGEST);
}
