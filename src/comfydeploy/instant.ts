const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:(\.\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d|\+00Z)?$/;
/** Characters of the longest spelling, with room. */
const LONGEST = 60;

/**
 * Reads the API's nine ways to write a time, among them `…T22:16:06.969954`, `… 22:23:35.082931`, `…T22:18Z` and
 * `…T22:18:06.086275+00Z`. Without a zone they are UTC, where `Date` would assume the user's zone. Milliseconds, or
 * undefined if it is no time. Beware: `…T22:18Z` is any second of that minute; the server leaves them out whenever the
 * fraction is zero.
 */
export function parseInstant(text: string): number | undefined {
  if (text.length > LONGEST) return undefined;
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '', seconds = ':00', fraction = '', zone = 'Z'] = match;
  const at = Date.parse(
    `${day}T${time}${seconds}${fraction}${zone === '+00Z' ? 'Z' : zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`,
  );
  return Number.isNaN(at) ? undefined : at;
}
