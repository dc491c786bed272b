import * as l10n from '@vscode/l10n';
import { unitInWords, type UnitOfTime } from './language';
import { DAY, MINUTE, SECOND } from './units';

const FINE_BELOW = 2 * MINUTE;
const FINE_STEP = 10 * SECOND;

/**
 * `1 h 5 min`, `12 min`; in the last two minutes in steps of ten seconds: `1 min 50 s`, `40 s`. Rounded down. Coarse,
 * since a row that changes every second would be redrawn under the pointer.
 */
export function coarse(ms: number): string {
  if (ms >= FINE_BELOW) return minutesText(Math.floor(ms / MINUTE));
  const seconds = (Math.floor(Math.max(0, ms) / FINE_STEP) * FINE_STEP) / SECOND;
  if (seconds === 0) return l10n.t('under {0}', secondsText(FINE_STEP / SECOND));
  if (seconds < 60) return secondsText(seconds);
  return seconds === 60 ? minutesText(1) : minutesAndSeconds(1, seconds - 60);
}

/** How long something took that is over: in whole minutes, rounded, unless it took less than two. */
export function lasted(ms: number): string {
  return ms < FINE_BELOW ? coarse(ms) : minutesText(Math.round(ms / MINUTE));
}

/** The remaining time for narrow rows: `1h 5m`, `24m`, `40s`. In whole words for a screen reader. */
export function terse(ms: number): string {
  if (isAloud) return coarse(ms);
  if (ms >= FINE_BELOW) return terseMinutes(Math.floor(ms / MINUTE));
  const seconds = (Math.floor(Math.max(0, ms) / FINE_STEP) * FINE_STEP) / SECOND;
  if (seconds === 0) return l10n.t('under {0}', terseSeconds(FINE_STEP / SECOND));
  if (seconds < 60) return terseSeconds(seconds);
  return seconds === 60 ? terseMinutes(1) : `${terseMinutes(1)} ${terseSeconds(seconds - 60)}`;
}

function terseMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = l10n.t({ message: '{0}m', args: [minutes % 60], comment: ['Minutes, as short as can be: 24m'] });
  if (hours === 0) return rest;
  const whole = l10n.t({ message: '{0}h', args: [hours], comment: ['Hours, as short as can be: 2h'] });
  return minutes % 60 === 0 ? whole : `${whole} ${rest}`;
}

function terseSeconds(seconds: number): string {
  return l10n.t({ message: '{0}s', args: [seconds], comment: ['Seconds, as short as can be: 40s'] });
}

/** `12 min left`, `time is up`. */
export function timeLeft(ms: number): string {
  return ms <= 0 ? l10n.t('time is up') : l10n.t('{0} left', coarse(ms));
}

/** A number for the step of a remaining time: times of the same step have the same texts. */
export function textStep(ms: number): number {
  if (ms <= 0) return -1;
  return ms >= FINE_BELOW ? FINE_BELOW / FINE_STEP + Math.floor(ms / MINUTE) : Math.floor(ms / FINE_STEP);
}

/** How long until the text of `timeLeft` changes, ms. */
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
  if (isAloud) return inWords([hours, 'hour'], [rest, 'minute']);
  if (hours === 0) return l10n.t('{0} min', minutes);
  return rest === 0 ? l10n.t('{0} h', hours) : l10n.t('{0} h {1} min', hours, rest);
}

function secondsText(seconds: number): string {
  return isAloud ? inWords([0, 'minute'], [seconds, 'second']) : l10n.t('{0} s', seconds);
}

/** @param seconds may have a leading zero. */
function minutesAndSeconds(minutes: number, seconds: number | string): string {
  if (isAloud) return inWords([minutes, 'minute'], [Number(seconds), 'second']);
  return l10n.t('{0} min {1} s', minutes, seconds);
}

/** `just now`, `40 s ago`, `3 min ago`, `5 days ago`. */
export function age(ms: number): string {
  const days = Math.floor(ms / DAY);
  if (days >= 1) return days === 1 ? l10n.t('1 day ago') : l10n.t('{0} days ago', days);
  return ms < FINE_STEP ? l10n.t('just now') : l10n.t('{0} ago', coarse(ms));
}

/** Elapsed time, exact to the second: `8 s`, `1 min 08 s`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const rest = seconds % 60;
  if (seconds < 60) return secondsText(seconds);
  return minutesAndSeconds(Math.floor(seconds / 60), rest.toString().padStart(2, '0'));
}

/** Whether a text for a screen reader is being made. */
let isAloud = false;

/** Makes a text as a screen reader should say it: `12 minutes left` instead of `12 min left`. */
export function aloud(say: () => string): string {
  isAloud = true;
  try {
    return say();
  } finally {
    isAloud = false;
  }
}

/** Leaves out a part that is 0, unless both are. */
function inWords(first: Part, last: Part): string {
  const words = ([count, unit]: Part) => unitInWords(count, unit);
  if (first[0] === 0) return words(last);
  return last[0] === 0
    ? words(first)
    : l10n.t({
        message: '{0} {1}',
        args: [words(first), words(last)],
        comment: ['1 hour 5 minutes, for a screen reader'],
      });
}

type Part = readonly [count: number, unit: UnitOfTime];

/** `15:40`, `3:40 PM` in the user's zone and locale; with a leading zero only where that is usual. */
export function timeOfDay(at: number, locale?: string): string {
  return new Date(at).toLocaleTimeString(locale, { timeStyle: 'short' });
}

/** The same for a time that may not be today: `tomorrow at 15:40`, `23 Nov, 15:40`. */
export function endTime(at: number, now: number): string {
  const day = new Date(now);
  if (isOn(day, at)) return timeOfDay(at);
  day.setDate(day.getDate() + 1);
  return isOn(day, at) ? l10n.t('tomorrow at {0}', timeOfDay(at)) : dateAndTime(at);
}

/** The same inside a sentence: `at 15:40`, `tomorrow at 15:40`, `on 23 Nov, 15:40`. */
export function when(at: number, now: number): string {
  const day = new Date(now);
  if (isOn(day, at))
    return l10n.t({ message: 'at {0}', args: [timeOfDay(at)], comment: ['{0} is a time of day: It ends at 15:40'] });
  day.setDate(day.getDate() + 1);
  if (isOn(day, at)) return l10n.t('tomorrow at {0}', timeOfDay(at));
  return l10n.t({ message: 'on {0}', args: [dateAndTime(at)], comment: ['{0} is a date and a time of day'] });
}

function isOn(day: Date, at: number): boolean {
  return day.toDateString() === new Date(at).toDateString();
}

/** `21 Nov, 15:40` in the user's zone and locale. */
export function dateAndTime(at: number): string {
  return l10n.t({
    message: '{0}, {1}',
    args: [dayAndMonth(at), timeOfDay(at)],
    comment: ['{0} is a date without a year, {1} a time of day'],
  });
}

/** `21 Nov` in the user's zone and locale. */
export function dayAndMonth(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
