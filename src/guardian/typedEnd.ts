import type { Typed } from '../platform/choice';
import { endTime, minutesText } from '../platform/durations';
import { readTime } from '../platform/typedTime';
import { nextShown } from '../platform/wallClock';
import { exampleTime } from '../spending/typedChoices';

const MINUTE = 60_000;

/** When a session is to end: a time of day, or after how long. @param now server time, ms. */
export function typedEnd(text: string, now: number): Typed<number> {
  const typed = readTime(text);
  switch (typed.kind) {
    case 'clock':
      return {
        choices: typed.times.map((time) => choice(nextShown(time, now), now)).sort((a, b) => a.value - b.value),
      };
    case 'length':
      return { choices: [choice(now + typed.minutes * MINUTE, now)] };
    case 'outOfRange':
      return { choices: [], hint: { label: 'From 1 min to 24 h', description: `Type ${endExamples(now)}` } };
    case 'unreadable':
      return { choices: [], hint: { label: 'This cannot be read', description: `Type ${endExamples(now)}` } };
  }
}

/** `8:45 PM, or 2 h from now`. */
export function endExamples(now: number): string {
  return `a time such as ${exampleTime(now)}, or a length such as 2 h`;
}

function choice(at: number, now: number): Typed<number>['choices'][number] {
  return {
    value: at,
    label: `At ${endTime(at, now)}`,
    description: `in ${minutesText(Math.round((at - now) / MINUTE))}`,
  };
}
