const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const FINE_BELOW = 2 * MINUTE;
const FINE_STEP = 10 * SECOND;

/**
 * `1 h 5 min`, `12 min`; in the last two minutes in steps of ten seconds: `1 min 50 s`, `40 s`. Rounded down.
 * Coarse on purpose: a row that changes every second is redrawn under the pointer.
 */
export function coarse(ms: number): string {
  if (ms >= FINE_BELOW) return minutesText(Math.floor(ms / MINUTE));
  const seconds = (Math.floor(Math.max(0, ms) / FINE_STEP) * FINE_STEP) / SECOND;
  if (seconds === 0) return 'under 10 s';
  if (seconds < 60) return `${seconds} s`;
  return seconds === 60 ? '1 min' : `1 min ${seconds - 60} s`;
}

/** `12 min left`, `time is up`. */
export function timeLeft(ms: number): string {
  return ms <= 0 ? 'time is up' : `${coarse(ms)} left`;
}

/** How long until `timeLeft` of a shrinking time reads otherwise, ms. */
export function untilNextText(ms: number): number {
  if (ms <= 0) return Number.POSITIVE_INFINITY;
  if (ms < FINE_STEP) return ms;
  const step = ms >= FINE_BELOW ? MINUTE : FINE_STEP;
  return (ms % step) + 1;
}

/** `15 min`, `1 h`, `1 h 30 min`. */
export function minutesText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${minutes} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** `just now`, `40 s ago`, `3 min ago`, `5 days ago`. */
export function age(ms: number): string {
  const days = Math.floor(ms / DAY);
  if (days >= 1) return days === 1 ? '1 day ago' : `${days} days ago`;
  return ms < FINE_STEP ? 'just now' : `${coarse(ms)} ago`;
}

/** Elapsed time, exact to the second: `8 s`, `1 min 08 s`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const rest = seconds % 60;
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${rest.toString().padStart(2, '0')} s`;
}

const SPOKEN = { h: 'hour', min: 'minute', s: 'second' } as const;

/** The same words for a screen reader: `12 minutes left`. */
export function spokenTime(text: string): string {
  return text.replace(
    /\b(\d+) (h|min|s)\b/g,
    (_, n: string, unit: keyof typeof SPOKEN) => `${n} ${SPOKEN[unit]}${n === '1' ? '' : 's'}`,
  );
}

/** `15:40`, `3:40 PM` in the user's zone and habit: with a zero before the hour only where one is usual. */
export function timeOfDay(at: number, locale?: string): string {
  return new Date(at).toLocaleTimeString(locale, { timeStyle: 'short' });
}

/** The same for a time that may not be today: `tomorrow at 15:40`, `23 Nov, 15:40`. */
export function endTime(at: number, now: number): string {
  const day = new Date(now);
  if (isOn(day, at)) return timeOfDay(at);
  day.setDate(day.getDate() + 1);
  return isOn(day, at) ? `tomorrow at ${timeOfDay(at)}` : dateAndTime(at);
}

/** The same where a sentence says when: `at 15:40`, `tomorrow at 15:40`, `on 23 Nov, 15:40`. */
export function when(at: number, now: number): string {
  const text = endTime(at, now);
  if (text === timeOfDay(at)) return `at ${text}`;
  return text.startsWith('tomorrow') ? text : `on ${text}`;
}

function isOn(day: Date, at: number): boolean {
  return day.toDateString() === new Date(at).toDateString();
}

/** `15:40:05` in the user's zone and habit. */
export function exactTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}

/** `21 Nov, 15:40` in the user's zone and habit. */
export function dateAndTime(at: number): string {
  return `${dayAndMonth(at)}, ${timeOfDay(at)}`;
}

/** `21 Nov` in the user's zone and habit. */
export function dayAndMonth(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

/** `November 2030` in the user's zone and habit. */
export function monthAndYear(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { month: 'long', year: 'numeric' });
}
