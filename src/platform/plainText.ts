import * as l10n from '@vscode/l10n';
import { redact } from './logger';

/** Characters of a notice: VS Code itself cuts there. */
const LONGEST_TEXT = 1_000;
/** A name has to leave room for the sentence it stands in. */
const LONGEST_NAME = 80;
const LONGEST_PAGE = 2_000_000;
const MOST_LINES = 60;
/** How many characters are looked at for each that may stay: what is invisible takes no room. */
const SLACK = 4;

/** Words of letters, digits and hyphens: nothing of it is hidden, turned or taken out, unless it begins like a key. */
const PLAIN = /^[\w-]+(?: [\w-]+)*$/;
/** Of one character, half. */
const HALVES = /\p{Cs}/gu;
/**
 * What is not seen, turns the writing around or steers a terminal: control and format characters, fillers, tags,
 * variation selectors. One selector after a character that has two looks stays.
 */
const INVISIBLE = /([\p{Extended_Pictographic}#*0-9])([\uFE0E\uFE0F])|[\p{Cc}\p{DI}\uFFF9-\uFFFB]/gu;
/** The same, but for what makes a page of lines and columns. */
const INVISIBLE_IN_PAGES = new RegExp(INVISIBLE.source.replace('\\p{Cc}', '\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f'), 'gu');
const BREAKS = /[\t\n\v\f\r\x85\u2028\u2029]+/g;
const GAPS = /[\p{Zs}\u2800]{2,}|\u2800/gu;
/** Signs that pile up on one letter until they cover the lines around it. */
const PILES = /(\p{Mn}{4})\p{Mn}+/gu;

/**
 * A text from outside, or one that holds some, as one line that is read and nothing else: it makes no link in a notice
 * and no icon in a row, hides and reverses nothing, holds no key and no address, and is not longer than so many characters.
 * @param hide takes out keys and addresses.
 */
export function plainText(text: string, longest = LONGEST_TEXT, hide = redact): string {
  if (hide === redact && text.length <= longest && PLAIN.test(text) && !text.includes('eyJ')) return text;
  const head = text.slice(0, longest * SLACK).replace(HALVES, '\uFFFD');
  const seen = head.replace(BREAKS, ' ').replace(INVISIBLE, '$1$2').replace(GAPS, ' ').replace(PILES, '$1').trim();
  return cut(inert(hide(seen)), longest, text.length > longest * SLACK);
}

/** A name as part of a sentence or a row. @param nameless what stands for one that nobody could see. */
export function plainName(text: string, nameless = l10n.t('(no name)')): string {
  return plainText(text, LONGEST_NAME) || nameless;
}

/** Cut in the middle: names that are alike differ at their ends. @param longest characters. */
export function cutInTheMiddle(name: string, longest: number): string {
  const characters = Array.from(name.slice(0, LONGEST_TEXT));
  if (characters.length <= longest) return name;
  const tail = Math.floor((longest - 1) / 2);
  return `${characters.slice(0, longest - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** Several lines, as a dialog shows them: each is plain, and there are not too many. */
export function plainLines(text: string): string {
  const lines = text.slice(0, MOST_LINES * LONGEST_TEXT).split('\n', MOST_LINES);
  return lines.map((line) => plainText(line)).join('\n');
}

/** A page to read in an editor: its lines and columns stay as they are. */
export function plainPage(text: string): string {
  const page = text.slice(0, LONGEST_PAGE).replace(HALVES, '\uFFFD').replace(INVISIBLE_IN_PAGES, '$1$2');
  return redact(page.replace(/[\u2028\u2029]/g, '\n'));
}

/** `[text](address)` is a link in a notice, even one that runs a command; `$(name)` is an icon in a row. */
function inert(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}

/** Between two characters, never within one. */
function cut(text: string, longest: number, isCut: boolean): string {
  if (text.length <= longest && !isCut) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
