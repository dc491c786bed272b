import * as l10n from '@vscode/l10n';
import { minutesText, timeOfDay } from '../platform/durations';
import type { EndAt, GuardPreferences } from '../sessions/preferences';
import { leaseScheduled } from './leaseText';

type Texts = { readonly [K in keyof GuardPreferences]: (preferences: GuardPreferences[K]) => string | undefined };

/** In the order in which they are shown. */
const TEXTS: Texts = {
  keepAlive: (isOn) => (isOn ? l10n.t('kept alive while rendering') : undefined),
  finishThenEnd: (isOn) => (isOn ? l10n.t('ends when the queue is empty') : undefined),
  endWhenIdle: (minutes) =>
    minutes === undefined ? undefined : l10n.t('ends when idle for {0}', minutesText(minutes)),
  lease: (is) => is && leaseScheduled(),
  endAt: (asked) => asked && l10n.t('ends at {0}', endAtText(asked)),
};

/** What is scheduled for a session: `kept alive while rendering`. */
export function scheduledOf(preferences: GuardPreferences): readonly string[] {
  const { lease, keepAlive, finishThenEnd, endWhenIdle, endAt } = TEXTS;
  const texts = [
    lease(preferences.lease),
    preferences.lease ? undefined : keepAlive(preferences.keepAlive),
    finishThenEnd(preferences.finishThenEnd),
    endWhenIdle(preferences.endWhenIdle),
    endAt(preferences.endAt),
  ];
  return texts.filter((text) => text !== undefined);
}

/** `18:00`, or `6:00 PM`, by the user's locale. */
export function endAtText(asked: EndAt): string {
  switch (asked.kind) {
    case 'once':
      return timeOfDay(asked.at);
    case 'daily':
      return timeOfDay(new Date(2000, 0, 1, 0, asked.minutes).getTime());
  }
}
