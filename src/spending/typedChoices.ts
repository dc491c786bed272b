import * as l10n from '@vscode/l10n';
import type { Session } from '../comfydeploy/model';
import { costText, extension, untilText, withShort } from './menus';
import type { Typed, Choice } from '../platform/choice';
import { minutesText, timeOfDay, when } from '../platform/durations';
import { MOST_MINUTES, readTime } from '../platform/typedTime';
import { MINUTE } from '../platform/units';

const QUARTER = 15 * MINUTE;
/** The example of an end is this far ahead, ms, rounded up to a quarter of an hour. */
const SOON = 20 * MINUTE;

/** Reads the length of a new session: a duration, or a time of day at which it ends. */
export function typedLength(text: string, now: number, price: number | undefined, balance?: bigint): Typed<number> {
  return typedTime(text, { from: now, now, expected: lengthExamples(now) }, (minutes, end) => ({
    value: minutes,
    label: minutesText(minutes),
    description: withShort(
      `${end === undefined ? '' : `${untilText(end, now)} · `}${costText(price, minutes)}`,
      price,
      minutes,
      balance,
    ),
  }));
}

/** Reads an extension: a duration, or the new end. */
export function typedExtension(
  text: string,
  session: Session,
  now: number,
  price: number | undefined,
  balance?: bigint,
): Typed<number> {
  const from = 'endsAt' in session ? session.endsAt : undefined;
  return typedTime(text, { from, now, expected: extensionExamples(session) }, (minutes) =>
    extension(session, minutes, now, price, balance),
  );
}

/** Durations only: a session is idle for a duration, not until a time. */
export function typedIdle(text: string): Typed<number> {
  const typed = readTime(text);
  if (typed.kind === 'clock') return hint(l10n.t('A length, not a time of day'), idleExamples());
  if (typed.kind !== 'length') return hint(refusal(typed.kind), idleExamples());
  const label = l10n.t('After {0}', minutesText(typed.minutes));
  return { choices: [{ value: typed.minutes, label, description: '' }] };
}

/** `20, 1h30 or 2 h`. */
export function idleExamples(): string {
  return l10n.t({ message: '20, 1h30 or 2 h', comment: ['Examples of what can be typed: 20, 1h30 and 2 h stay'] });
}

/** `20, 1h30, 2 h or the end, such as 8:45 PM`. */
export function lengthExamples(now: number): string {
  return l10n.t({
    message: '20, 1h30, 2 h or the end, such as {0}',
    args: [exampleTime(now)],
    comment: ['Examples of what can be typed: 20, 1h30 and 2 h stay'],
  });
}

/** The same for a session that already has an end. */
export function extensionExamples(session: Session): string {
  return 'endsAt' in session ? lengthExamples(session.endsAt) : idleExamples();
}

/** @param examples of what can be typed. */
export function chooseOrType(examples: string): string {
  return l10n.t({
    message: 'Choose, or type {0}',
    args: [examples],
    comment: ['{0} is examples of what can be typed'],
  });
}

/** A time some minutes ahead as the user would write it, or in 24 hours if that could not be read back. */
export function exampleTime(from: number, locale?: string): string {
  const at = Math.ceil((from + SOON) / QUARTER) * QUARTER;
  const usual = timeOfDay(at, locale);
  const date = new Date(at);
  const typed = readTime(usual);
  const isRead = typed.kind === 'clock' && typed.times.includes(date.getHours() * 60 + date.getMinutes());
  return isRead ? usual : `${date.getHours()}:${date.getMinutes().toString().padStart(2, '0')}`;
}

export function refusal(kind: 'unreadable' | 'outOfRange'): string {
  return kind === 'unreadable' ? l10n.t("This can't be read") : l10n.t('From 1 min to 24 h');
}

interface Asked {
  /** What a length is added to; undefined if the session has no end. */
  readonly from: number | undefined;
  readonly now: number;
  /** Examples of what can be typed. */
  readonly expected: string;
}

type Offer = (minutes: number, end?: number) => Choice<number>;

function typedTime(text: string, { from, now, expected }: Asked, offer: Offer): Typed<number> {
  const typed = readTime(text);
  if (typed.kind === 'unreadable' || typed.kind === 'outOfRange') return hint(refusal(typed.kind), expected);
  if (typed.kind === 'length') {
    const { minutes } = typed;
    return { choices: [from === undefined ? offer(minutes) : offer(minutes, from + minutes * MINUTE)] };
  }
  if (from === undefined) return hint(l10n.t('Its end is not known'), expected);
  const times = exceptNow(typed.times, now);
  if (times.length === 0) return hint(nowText(now), expected);
  const ends = times
    .flatMap((time) => nextTime(time, now, from + MOST_MINUTES * MINUTE) ?? [])
    .filter((end) => end > from)
    .sort((a, b) => a - b);
  if (ends.length === 0) return hint(l10n.t('That is before its current end, {0}', when(from, now)), expected);
  // Rounded up, so that the session does not end too early.
  return { choices: ends.map((end) => offer(Math.ceil((end - from) / MINUTE), end)) };
}

/** A time of day that the clock shows now is hardly meant for tomorrow. @param times minutes since midnight. */
export function exceptNow(times: readonly number[], now: number): readonly number[] {
  const wall = new Date(now);
  return times.filter((time) => time !== wall.getHours() * 60 + wall.getMinutes());
}

export function nowText(now: number): string {
  return l10n.t('It is {0} now', timeOfDay(now));
}

export function hint(label: string, examples?: string): Typed<never> {
  return {
    choices: [],
    hint: {
      label,
      description:
        examples === undefined
          ? ''
          : l10n.t({ message: 'Type {0}', args: [examples], comment: ['{0} is examples of what can be typed'] }),
    },
  };
}

/**
 * The next time at which the local clock shows this time of day. Checks every minute, since on some days a time occurs
 * twice or not at all.
 */
function nextTime(minutesOfDay: number, now: number, latest: number): number | undefined {
  for (let at = now - (now % MINUTE) + MINUTE; at <= latest; at += MINUTE) {
    const wall = new Date(at);
    if (wall.getHours() * 60 + wall.getMinutes() === minutesOfDay) return at;
  }
  return undefined;
}
