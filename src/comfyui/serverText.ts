import { redact } from '../platform/logger';
import { plainText } from '../platform/plainText';

const LONGEST = 300;
/** Characters looked at: a stack trace may be megabytes. */
const READ = 4 * LONGEST;
/** From the root of a disk, at least two levels deep. */
const PATH = /(?<![\w.:/\\])(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+[\\/]([\w.@+~-]+)/g;

/** Words of a server on one line, without addresses, paths of its disk cut to their last part, and not too long. */
export function serverText(text: string): string {
  return plainText(redact(text.slice(0, READ)).replace(PATH, '…/$1'), LONGEST);
}
