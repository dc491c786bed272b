import { redact } from '../platform/logger';
import { plainText } from '../platform/plainText';

const LONGEST = 300;
/** Characters examined: a stack trace may have megabytes. */
const READ = 4 * LONGEST;
/** An absolute path with at least two levels. */
const PATH = /(?<![\w.:/\\])(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+[\\/]([\w.@+~-]+)/g;

/** A server's text on one line, without addresses, with paths shortened to their last part, and not too long. */
export function serverText(text: string): string {
  return plainText(redact(text.slice(0, READ)).replace(PATH, '…/$1'), LONGEST);
}
