import { DAY, MINUTE } from './units';

/** Minutes since midnight: `18:00`, `6:30`; undefined if it is not a time of day in 24 hours. */
export function minutesOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  return hours === undefined || minutes === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

/**
 * The first moment of a calendar day at which the local clock shows this time or a later one: if the clock is set
 * forward past it, the moment of that; if the time occurs twice, the first one.
 * @param date local midnight or any other moment of that day. @param time minutes since midnight.
 */
function on(date: Date, time: number, daysLater = 0): number {
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate() + daysLater];
  const wanted = Date.UTC(year, month, day, 0, time);
  let at = new Date(year, month, day, 0, time).getTime();
  // For a time that does not exist, JavaScript returns a moment after the change.
  for (let steps = 0; steps < DAY / MINUTE && shown(at - MINUTE) >= wanted; steps++) at -= MINUTE;
  return at;
}

/** What the local clock shows, as a comparable number. */
function shown(at: number): number {
  const wall = new Date(at);
  return Date.UTC(wall.getFullYear(), wall.getMonth(), wall.getDate(), wall.getHours(), wall.getMinutes());
}

/** The next occurrence of a time of day after `now`, ms. Days differ in length. @param time minutes since midnight. */
export function nextTimeOfDay(time: number, now: number): number {
  const today = new Date(now);
  return [0, 1, 2].map((days) => on(today, time, days)).find((at) => at > now) ?? now + DAY;
}

/** The last occurrence, including now. */
export function lastTimeOfDay(time: number, now: number): number {
  const today = new Date(now);
  return [0, -1, -2].map((days) => on(today, time, days)).find((at) => at <= now) ?? now - DAY;
}

/** The next moment at which the clock shows exactly this, including the second of two; if it never does, as above. */
export function nextShown(time: number, now: number): number {
  const first = now - (now % MINUTE) + MINUTE;
  for (let at = first; at < first + DAY; at += MINUTE) {
    const wall = new Date(at);
    if (wall.getHours() * 60 + wall.getMinutes() === time) return Math.min(at, nextTimeOfDay(time, now));
  }
  return nextTimeOfDay(time, now);
}
