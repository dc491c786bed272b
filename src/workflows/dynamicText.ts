/** What the page does to texts when it sends them. */

/** Random numbers and the time, for workflows that use them. */
export interface Sources {
  /** In [0, 1). */
  readonly random: () => number;
  readonly now: () => Date;
}

/** Text inside more braces is not processed: each level reads the inner text again. */
const DEEPEST = 32;

/**
 * A text without its comments, with one of the choices of each `{a|b}`.
 * @param random in [0, 1).
 */
export function dynamicText(text: string, random: () => number, depth = 0): string {
  const input = withoutComments(text);
  let result = '';
  for (let at = 0; at < input.length;) {
    const character = input[at] ?? '';
    if (character === '\\') {
      result += input.slice(at, at + 2);
      at += 2;
    } else if (character === '{' && depth < DEEPEST) {
      const { options, end } = choicesAt(input, at + 1);
      result += dynamicText(options[Math.floor(random() * options.length)] ?? '', random, depth + 1);
      at = end;
    } else {
      result += character;
      at++;
    }
  }
  return result.replace(/\\([{}|])/g, '$1');
}

function choicesAt(input: string, start: number): { readonly options: readonly string[]; readonly end: number } {
  const options: string[] = [];
  let [from, depth, at] = [start, 0, start];
  for (; at < input.length; at++) {
    const character = input[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === '}' && depth-- === 0) break;
    else if (character === '|' && depth === 0) {
      options.push(input.slice(from, at));
      from = at + 1;
    }
  }
  options.push(input.slice(from, at));
  return { options, end: at + 1 };
}

/** Comments from `//` to the end of the line, and between `/*` and the closing `*` and `/`. */
function withoutComments(text: string): string {
  if (!text.includes('/')) return text;
  let [result, from, hasEnds] = ['', 0, true];
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at)) {
    const next = text[at + 1];
    let end = -1;
    if (next === '/') end = lineEnd(text, at + 2);
    else if (next === '*' && hasEnds) {
      end = text.indexOf('*/', at + 2);
      if (end === -1) hasEnds = false;
      else end += 2;
    }
    if (end === -1) at++;
    else {
      result += text.slice(from, at);
      at = from = end;
    }
  }
  return result + text.slice(from);
}

function lineEnd(text: string, from: number): number {
  const ends = /[\n\r\u2028\u2029]/g;
  ends.lastIndex = from;
  return ends.exec(text)?.index ?? text.length;
}

/** The value of a node's widget, by the names of both; undefined if there is none. */
export type FindValue = (node: string, widget: string) => { readonly value: unknown } | undefined;

/** Inserts the values of widgets (`%KSampler.seed%`) and dates (`%date:yyyy-MM-dd%`). */
export function replacedText(text: string, find: FindValue, now: () => Date): string {
  return text.replace(/%([^%]+)%/g, (whole: string, inner: string) => {
    const [first = '', second, ...more] = inner.split('.');
    if (second === undefined || more.length > 0)
      return first.startsWith('date:') ? dateText(first.slice(5), now()) : whole;
    const found = find(first, second);
    // Characters that no file name may contain.
    return found ? textOf(found.value).replace(/[/?<>\\:*|"\x00-\x1f\x7f]/g, '_') : whole;
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  d: (date) => date.getDate(),
  M: (date) => date.getMonth() + 1,
  h: (date) => date.getHours(),
  m: (date) => date.getMinutes(),
  s: (date) => date.getSeconds(),
};

function dateText(format: string, date: Date): string {
  return format.replace(/dd?|MM?|hh?|mm?|ss?|yyy?y?/g, (part) => {
    const year = String(date.getFullYear());
    if (part === 'yy') return year.slice(2);
    if (part === 'yyyy') return year;
    const number = PARTS[part.charAt(0)]?.(date);
    return number === undefined ? part : String(number).padStart(part.length, '0');
  });
}
