import { plainText } from '../platform/plainText';

const LONGEST = 120;

/** Names come from the server. */
export function shownName(name: string): string {
  return plainText(name, LONGEST);
}
