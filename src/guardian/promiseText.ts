import type { Wish } from '../sessions/preferences';
import { minutesText } from '../platform/durations';

/** What the guardian has promised to do about a session: `kept alive while rendering`. */
export function promisesOf({ keepAlive, endWhenIdle, finishThenEnd }: Wish): readonly string[] {
  return [
    ...(keepAlive ? ['kept alive while rendering'] : []),
    ...(finishThenEnd ? ['ends when the queue is empty'] : []),
    ...(endWhenIdle === undefined ? [] : [`ends when idle for ${minutesText(endWhenIdle)}`]),
  ];
}
