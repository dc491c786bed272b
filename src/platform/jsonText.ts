import { stepsOf, type Slices, type Steps } from './slices';
import { keysOf, spellingOf, wordOf } from './spelling';

type Container = Readonly<Record<string, unknown>> | readonly unknown[];

interface Style {
  /** The text between a key and its value. */
  readonly colon: ':' | ': ';
  /** Whether each member has its own line. */
  readonly hasLines: boolean;
  readonly order: (keys: readonly string[]) => readonly string[];
  /**
   * Whether `NaN` and the infinities are written as they were read. Only Python accepts them: a file with them would
   * not be JSON.
   */
  readonly hasWords: boolean;
  /** A text for a list as a whole, if it has one. */
  readonly short: (list: readonly unknown[]) => string | undefined;
}

/** Deeper members are not indented: the size of a text of brackets only would grow quadratically. */
const DEEPEST = 32;
/** A list of plain values up to this length is written on one line: positions, sizes, links. */
const LONGEST_LINE = 100;

const COMPACT: Style = { colon: ':', hasLines: false, hasWords: true, order: (keys) => keys, short: () => undefined };
const PRETTY: Style = { ...COMPACT, colon: ': ', hasLines: true, hasWords: false };

/** Compact, for ComfyUI. Numbers and the order of keys are those of the text that the value was read from. */
export function exactJson(value: unknown): string {
  return written(value, COMPACT).atOnce();
}

/** The same without keeping everything else from its turn. @throws an `AbortError`. */
export function exactJsonInSlices(value: unknown, slices: Slices): Promise<string> {
  return written(value, COMPACT).inSlices(slices);
}

/** The same in lines, for people and for tools that compare files line by line. */
export function prettyJson(value: unknown): string {
  return `${written(value, PRETTY).atOnce()}\n`;
}

type Order = (a: string, b: string) => number;

const ordered = (order: Order): Style => ({ ...PRETTY, order: (keys) => [...keys].sort(order), short: lineOf });

/** The same with a given order of keys, and short lists on one line. */
export function orderedJson(value: unknown, order: Order): string {
  return `${written(value, ordered(order)).atOnce()}\n`;
}

/** The same without blocking everything else. @throws an `AbortError`. */
export async function orderedJsonInSlices(value: unknown, order: Order, slices: Slices): Promise<string> {
  return `${await written(value, ordered(order)).inSlices(slices)}\n`;
}

/** An object or a list that is being written. */
interface Open {
  readonly value: Container;
  /** Undefined for a list. */
  readonly keys: readonly string[] | undefined;
  readonly length: number;
  next: number;
}

function written(value: unknown, style: Style): Steps<string> {
  return stepsOf(writingOf(value, style));
}

/** Members written between two checks of the time. */
const AT_A_TIME = 1_000;

/** Not recursive: values may nest as deep as their texts are long. */
function* writingOf(value: unknown, style: Style): Generator<undefined, string, undefined> {
  const open: Open[] = [];
  let text = isContainer(value) ? begin(value, open, style) : plainText(value);
  let count = 0;
  for (let top = open.at(-1); top; top = open.at(-1)) {
    if (++count % AT_A_TIME === 0) yield;
    if (top.next === top.length) {
      open.pop();
      text += lineBreak(open.length, open.length + 1, style) + (top.keys ? '}' : ']');
      continue;
    }
    const key = top.keys?.[top.next] ?? String(top.next);
    const member: unknown = memberOf(top.value, key);
    text += (top.next++ === 0 ? '' : ',') + lineBreak(open.length, open.length, style);
    if (top.keys) text += JSON.stringify(key) + style.colon;
    const word = style.hasWords && member === null ? wordOf(top.value, key) : undefined;
    text += word ?? (isContainer(member) ? begin(member, open, style) : plainText(member, top.value, key));
  }
  return text;
}

/** The beginning of an object or list, or all of it if it is short. */
function begin(value: Container, open: Open[], style: Style): string {
  if (isList(value)) {
    if (value.length === 0) return '[]';
    const short = style.short(value);
    if (short !== undefined) return short;
    open.push({ value, keys: undefined, length: value.length, next: 0 });
    return '[';
  }
  const keys = style.order(keysOf(value)).filter((key) => value[key] !== undefined);
  if (keys.length === 0) return '{}';
  open.push({ value, keys, length: keys.length, next: 0 });
  return '{';
}

function lineBreak(level: number, deepest: number, { hasLines }: Style): string {
  return hasLines && deepest <= DEEPEST ? `\n${'  '.repeat(level)}` : '';
}

function lineOf(list: readonly unknown[]): string | undefined {
  let line = '';
  for (const [index, item] of list.entries()) {
    if (isContainer(item)) return undefined;
    line += (index === 0 ? '' : ', ') + plainText(item, list, String(index));
    if (line.length > LONGEST_LINE - 2) return undefined;
  }
  return `[${line}]`;
}

/** A value that cannot be written becomes null. */
function plainText(value: unknown, container?: object, key = ''): string {
  if (typeof value === 'number') return (container && spellingOf(container, key, value)) ?? JSON.stringify(value);
  return typeof value === 'string' || typeof value === 'boolean' ? JSON.stringify(value) : 'null';
}

function memberOf(container: Container, key: string): unknown {
  return isList(container) ? container[Number(key)] : container[key];
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function isList(value: Container): value is readonly unknown[] {
  return Array.isArray(value);
}
