/**
 * How the server writes an instant: in UTC, in one of three spellings. Columns hold microseconds; ours are derived
 * from the milliseconds, so that an instant is always written alike.
 */
export function naive(at: number): string {
  const date = new Date(at).toISOString().slice(0, -1);
  const millis = date.slice(-3);
  return millis === '000' ? date.slice(0, -4) : `${date}${String((Number(millis) * 7) % 1000).padStart(3, '0')}`;
}

/** `2026-11-21T22:18:00.673Z`, and `2026-11-21T22:18Z` on a full second: the server cuts off more than the fraction. */
export function zulu(at: number): string {
  const date = new Date(at).toISOString();
  return date.endsWith('.000Z') ? `${date.slice(0, -8)}Z` : date;
}

export function spaced(at: number): string {
  return naive(at).replace('T', ' ');
}

/** With microseconds, whatever they are: `…T22:18:00.673711`, for the routes that add a zone to it. */
export function micros(at: number): string {
  return naive(at).replace(/^([^.]*)$/, '$1.000000');
}

export const naiveOrNull = (at: number | null): string | null => (at === null ? null : naive(at));
export const zuluOrNull = (at: number | null): string | null => (at === null ? null : zulu(at));
