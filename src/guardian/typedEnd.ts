import * as l10n from '@vscode/l10n';
import type { Typed } from '../platform/choice';
import { minutesText, when } from '../platform/durations';
import { readTime } from '../platform/typedTime';
import { nextShown } from '../platform/wallClock';
import { exampleTime, exceptNow, hint, nowText, refusal } from '../spending/typedChoices';
import { MINUTE } from '../platform/units';

/** Reads when a session is to end: a time of day, or a duration. @param now server time, ms. */
export function typedEnd(text: string, now: number): Typed<number> {
  const typed = readTime(text);
  switch (typed.kind) {
    case 'clock': {
      const times = exceptNow(typed.times, now);
      if (times.length === 0) return hint(nowText(now), endExamples(now));
      return { choices: times.map((time) => choice(nextShown(time, now), now)).sort((a, b) => a.value - b.value) };
    }
    case 'length':
      return { choices: [choice(now + typed.minutes * MINUTE, now)] };
    case 'outOfRange':
    case 'unreadable':
      return hint(refusal(typed.kind), endExamples(now));
  }
}

/** `a time such as 8:45 PM, or a length such as 2 h`. */
export function endExamples(now: number): string {
  return l10n.t({
    message: 'a time such as {0}, or a length such as 2 h',
    args: [exampleTime(now)],
    comment: ['Examples of what can be typed: 2 h stays'],
  });
}

function choice(at: number, now: number): Typed<number>['choices'][number] {
  return {
    value: at,
    label: l10n.t({
      message: 'End {0}',
      args: [when(at, now)],
      comment: ['{0} is when: at 15:40, tomorrow at 15:40, on 21 Nov, 15:40'],
    }),
    description: l10n.t({
      message: 'in {0}',
      args: [minutesText(Math.round((at - now) / MINUTE))],
      comment: ['{0} is a length of time: 1 h 5 min'],
    }),
  };
}
