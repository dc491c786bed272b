import type { LogLevel, LogLine } from '../comfydeploy/logs';
import { plainText } from '../platform/plainText';

const RESET = '\x1b[0m';
const DIM = '\x1b[2m';
const BREAK = '\r\n';

/** The word is for screen readers and copied text, the colour for everybody else. */
/* eslint-disable texts/marked -- logs have these words in every language */
const LEVELS: Readonly<Record<LogLevel, readonly [colour: string, word: string]>> = {
  error: ['\x1b[31m', 'ERROR '],
  warning: ['\x1b[33m', 'WARNING '],
  info: ['', ''],
  debug: [DIM, ''],
};
/* eslint-enable texts/marked */

/** A line as a terminal shows it, in the user's time zone. The line's own colours end with it. */
export function terminalLine({ message, level, at }: LogLine): string {
  const [colour, word] = LEVELS[level];
  const stamp = at === 0 ? '' : `${DIM}${clockTime(at)}${RESET} `;
  const indent = `${RESET}${BREAK}${' '.repeat(at === 0 ? 0 : 9)}${colour}`;
  return `${stamp}${colour}${word}${message.trimEnd().split('\n').join(indent)}${RESET}${BREAK}`;
}

/** A remark about a log, not a line of it; it may be the server's text. */
export function terminalNote(text: string): string {
  return `${DIM}· ${plainText(text)}${RESET}${BREAK}`;
}

/** `15:04:05`, as usual in logs. */
export function clockTime(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => part.toString().padStart(2, '0'))
    .join(':');
}
