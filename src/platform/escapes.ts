import { redact } from './logger';

/** Colours and weights: the only escape sequences that change nothing but the look of text. */
const LOOKS = /\x1b\[[\d;:]*m/g;

/** Everything that a terminal would act on instead of showing, in 7-bit or 8-bit form; the first group may stay. */
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

/** Text that a terminal only shows: colours, tabs and line breaks stay. */
export function harmless(text: string): string {
  if (!CONTROL.test(text)) return text;
  return overwritten(text).replace(OBEYED, (_, look: string | undefined) => look ?? '');
}

/** The same without colours. */
export function plain(text: string): string {
  return text.includes('\x1b') ? text.replace(LOOKS, '') : text;
}

/** The output of a program as text that may be shown: it may contain the session's address. */
export function wordsOf(text: string): string {
  return redact(plain(harmless(text)));
}

/** A carriage return overwrites the line: of a progress bar, only the last state stays. */
function overwritten(text: string): string {
  if (!text.includes('\r')) return text;
  const lastState = (line: string) => line.split('\r').findLast((state) => state !== '') ?? '';
  return text.split('\n').map(lastState).join('\n');
}
