/** What the user typed where a time was requested. */
export type TypedTime =
  | { readonly kind: 'length'; readonly minutes: number }
  /** Times of day in minutes since midnight; two if morning and evening are both possible. */
  | { readonly kind: 'clock'; readonly times: readonly number[] }
  /** A length that no session can have. */
  | { readonly kind: 'outOfRange' }
  | { readonly kind: 'unreadable' };

/** The platform stops a session's container after a day, whatever its deadline. */
export const MOST_MINUTES = 24 * 60;

const PER_HOUR = 60;
/** Longer texts cannot be a time. */
const MOST_LETTERS = 40;
const UNREADABLE = { kind: 'unreadable' } as const;

const MINUTES = /^(\d{1,12}) ?(?:m|mins?|minutes?)?$/;
const HOURS = /^(\d{1,2}) ?(?:h|hrs?|hours?)(?: ?(\d{1,2}) ?(?:m|mins?|minutes?)?)?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?: ?([ap])\.? ?m\.?)?$/;
const FULL_HOUR = /^(\d{1,2})() ?([ap])\.? ?m\.?$/;

/** `20`, `90 min`, `2 h`, `1h30` are lengths; `20:16`, `8:16 pm`, `8 pm` are times of day. */
export function readTime(text: string): TypedTime {
  if (text.length > MOST_LETTERS) return UNREADABLE;
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' '); // some locales write a narrow space before pm
  const minutes = MINUTES.exec(plain);
  if (minutes) return lengthOf(0, Number(minutes[1]));
  const hours = HOURS.exec(plain);
  if (hours) return lengthOf(Number(hours[1]), Number(hours[2] ?? 0));
  const clock = CLOCK.exec(plain) ?? FULL_HOUR.exec(plain);
  return clock ? clockOf(Number(clock[1]), Number(clock[2]), clock[3]) : UNREADABLE;
}

function lengthOf(hours: number, rest: number): TypedTime {
  const minutes = hours * PER_HOUR + rest;
  if (hours > 0 && rest >= PER_HOUR) return UNREADABLE; // 1h90 is a mistake
  return isLength(minutes) ? { kind: 'length', minutes } : { kind: 'outOfRange' };
}

/** Whether a session can last so many minutes. */
export function isLength(minutes: unknown): boolean {
  return Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= MOST_MINUTES;
}

function clockOf(hour: number, minute: number, half: string | undefined): TypedTime {
  const isOfHalf = hour >= 1 && hour <= 12;
  if (hour > 23 || minute > 59 || (half !== undefined && !isOfHalf)) return UNREADABLE;
  if (!isOfHalf) return { kind: 'clock', times: [hour * PER_HOUR + minute] };
  const morning = (hour % 12) * PER_HOUR + minute;
  const evening = morning + 12 * PER_HOUR;
  return { kind: 'clock', times: half === undefined ? [morning, evening] : [half === 'a' ? morning : evening] };
}
