import * as l10n from '@vscode/l10n';
import { redact } from './logger';

/** Characters of a notice, where VS Code itself cuts it. */
const LONGEST_TEXT = 1_000;
/** Characters of a name, which has to leave room for its sentence. */
const LONGEST_NAME = 80;
const LONGEST_PAGE = 2_000_000;
const MOST_LINES = 60;
/** Characters examined for each one that may stay, since invisible ones take no room. */
const SLACK = 4;

/** Only letters, digits, underscores, hyphens and single spaces: nothing to remove, unless it begins like a key. */
const PLAIN = /^[\w-]+(?: [\w-]+)*$/;
/** A lone surrogate: half of a character. */
const HALVES = /\p{Cs}/gu;
/**
 * Characters that are invisible, reverse the writing direction or control a terminal: control and format characters,
 * fillers, tags, variation selectors. One selector after a character with two forms stays.
 */
const INVISIBLE = /([\p{Extended_Pictographic}#*0-9])([\uFE0E\uFE0F])|[\p{Cc}\p{DI}\uFFF9-\uFFFB]/gu;
/** The same, except for line breaks and tabs. */
const INVISIBLE_IN_PAGES = new RegExp(INVISIBLE.source.replace('\\p{Cc}', '\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f'), 'gu');
const BREAKS = /[\t\n\v\f\r\x85\u2028\u2029]+/g;
const GAPS = /[\p{Zs}\u2800]{2,}|\u2800/gu;
/** Combining marks that pile up on one letter until they cover other lines. */
const PILES = /(\p{Mn}{4})\p{Mn}+/gu;

/**
 * Text from outside, or with text from outside in it, as one plain line. It makes no link in a notice and no icon in a
 * row, hides and reverses nothing, contains no key and no address, and is no longer than so many characters.
 * @param hide removes keys and addresses.
 */
export function plainText(text: string, longest = LONGEST_TEXT, hide = redact): string {
  if (hide === redact && text.length <= longest && PLAIN.test(text) && !text.includes('eyJ')) return text;
  const head = text.slice(0, longest * SLACK).replace(HALVES, '\uFFFD');
  const seen = head.replace(BREAKS, ' ').replace(INVISIBLE, '$1$2').replace(GAPS, ' ').replace(PILES, '$1').trim();
  return cut(inert(hide(seen)), longest, text.length > longest * SLACK);
}

/** A name as part of a sentence or row. @param nameless replaces a name without visible characters. */
export function plainName(text: string, nameless = l10n.t('(no name)')): string {
  return plainText(text, LONGEST_NAME) || nameless;
}

/** Cut in the middle, since similar names differ at their ends. @param longest characters. */
export function cutInTheMiddle(name: string, longest: number): string {
  const characters = Array.from(name.slice(0, LONGEST_TEXT));
  if (characters.length <= longest) return name;
  const tail = Math.floor((longest - 1) / 2);
  return `${characters.slice(0, longest - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** Several lines for a dialog: each one plain, and not too many. */
export function plainLines(text: string): string {
  const lines = text.slice(0, MOST_LINES * LONGEST_TEXT).split('\n', MOST_LINES);
  return lines.map((line) => plainText(line)).join('\n');
}

/** A page for an editor: its lines and columns stay. */
export function plainPage(text: string): string {
  const page = text.slice(0, LONGEST_PAGE).replace(HALVES, '\uFFFD').replace(INVISIBLE_IN_PAGES, '$1$2');
  return redact(page.replace(/[\u2028\u2029]/g, '\n'));
}

/** `[text](address)` would be a link in a notice, which may run a command; `$(name)` would be an icon in a row. */
function inert(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}

/** Cuts between characters, never inside a surrogate pair. */
function cut(text: string, longest: number, isCut: boolean): string {
  if (text.length <= longest && !isCut) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
