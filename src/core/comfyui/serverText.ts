import { redact } from '../logger';

const LONGEST = 300;
/** From the root of a disk, at least two levels deep. */
const PATH = /(?<![\w.:/\\])(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+[\\/]([\w.@+~-]+)/g;

/** Words of a server on one line, without addresses, paths of its disk cut to their last part, and not too long. */
export function serverText(text: string): string {
  const line = redact(text)
    .replace(PATH, '…/$1')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('](', '] (') // no links in notices
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
