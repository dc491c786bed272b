import { redact } from './logger';

/** Colours and weights: the only escape sequences that change nothing but the look of text. */
const LOOKS = /\x1b\[[\d;:]*m/g;

/** Everything a terminal obeys instead of showing, in seven bits or eight; the first group is what may stay. */
const OBEYED = new RegExp(
  [
    '(\\x1b\\[[\\d;:]*m)',
    '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?', // cursor, erasing, modes, reports
    '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)?', // title, links, clipboard
    '\\x1b[ -/]*[0-~]?',
    '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]',
  ].join('|'),
  'g',
);
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** Text that a terminal can only show: its colours stay, as do tabs and line breaks. */
export function harmless(text: string): string {
  if (!CONTROL.test(text)) return text;
  return overwritten(text).replace(OBEYED, (_, look: string | undefined) => look ?? '');
}

/** Harmless text without its colours. */
export function plain(text: string): string {
  return text.includes('\x1b') ? text.replace(LOOKS, '') : text;
}

/** What a program printed, as words that may be shown: it may have printed the session's address. */
export function wordsOf(text: string): string {
  return redact(plain(harmless(text)));
}

/** A carriage return writes over the line: progress bars do so, and what stays is their last state. */
function overwritten(text: string): string {
  if (!text.includes('\r')) return text;
  const lastState = (line: string) => line.split('\r').findLast((state) => state !== '') ?? '';
  return text.split('\n').map(lastState).join('\n');
}
