import { asRecord, plainText } from './json';
import { isUpload, type InputSpec } from './nodes';

export interface PromptError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

/** A value that is no link; where a number is required it is converted first, as Python does. */
export function checkValue(name: string, spec: InputSpec, given: unknown): PromptError | undefined {
  const [type, settings = {}] = spec;
  const wrapped = asRecord(given);
  const value = wrapped && '__value__' in wrapped ? wrapped['__value__'] : given;
  if (isUpload(spec)) return undefined;
  const choices = typeof type !== 'string' ? type : type === 'COMBO' ? (settings['options'] ?? []) : undefined;
  if (Array.isArray(choices)) {
    if (choices.includes(value)) return undefined;
    const isLong = choices.length > 20; // too many to send them back
    const list = isLong
      ? `(list of length ${choices.length})`
      : `[${choices.map((one) => `'${plainText(one)}'`).join(', ')}]`;
    const more = { input_config: isLong ? null : spec, received_value: value };
    const details = `${name}: '${plainText(value)}' not in ${list}`;
    return { ...inputProblem('value_not_in_list', 'Value not in list', name, more), details };
  }
  if (type !== 'INT' && type !== 'FLOAT') return undefined;

  const number = type === 'INT' ? pythonInt(value) : pythonFloat(value);
  if (typeof number === 'string') {
    const message = `Failed to convert an input value to a ${type} value`;
    const details = `${name}, ${value === null ? 'None' : plainText(value)}, ${number}`;
    const more = { input_config: spec, received_value: value, exception_message: number };
    return { ...inputProblem('invalid_input_type', message, name, more), details };
  }
  const more = { input_config: spec, received_value: number };
  const { min = -Infinity, max = Infinity } = settings;
  if (number < min)
    return inputProblem('value_smaller_than_min', `Value ${number} smaller than min of ${min}`, name, more);
  if (number > max)
    return inputProblem('value_bigger_than_max', `Value ${number} bigger than max of ${max}`, name, more);
  return undefined;
}

/** The number, or Python's error message. */
function pythonInt(value: unknown): number | string {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value));
  if (typeof value !== 'string')
    return `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`;
  return /^\s*[-+]?\d+(_\d+)*\s*$/.test(value)
    ? Number(value.replaceAll('_', ''))
    : `invalid literal for int() with base 10: '${value}'`;
}

function pythonFloat(value: unknown): number | string {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return `float() argument must be a string or a real number, not '${typeName(value)}'`;
  const number = /^\s*[-+]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[-+]?\d+)?\s*$/i.test(value);
  if (number) return Number(value.replaceAll('_', ''));
  const [, sign, word] = /^\s*([-+]?)(nan|inf|infinity)\s*$/i.exec(value) ?? [];
  if (word === undefined) return `could not convert string to float: '${value}'`;
  return word.toLowerCase() === 'nan' ? NaN : sign === '-' ? -Infinity : Infinity;
}

const typeName = (value: unknown): string => (value === null ? 'NoneType' : Array.isArray(value) ? 'list' : 'dict');

export const problem = (type: string, message: string, details: string): PromptError => ({
  type,
  message,
  details,
  extra_info: {},
});

export const inputProblem = (
  type: string,
  message: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): PromptError => ({ type, message, details: name, extra_info: { input_name: name, ...more } });
