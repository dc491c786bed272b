const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:(\.\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads the API's three ways to write a time (`…T22:16:06.969954`, `…T22:18Z`, `… 22:23:35.082931`).
 * Without a zone they are UTC, where `Date` would assume the user's zone. Milliseconds, or undefined if it is no time.
 */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '', seconds = ':00', fraction = '', zone = 'Z'] = match;
  const at = Date.parse(`${day}T${time}${seconds}${fraction}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(at) ? undefined : at;
}
