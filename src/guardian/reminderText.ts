import * as l10n from '@vscode/l10n';
import type { Reminder } from './reminder';
import { latestStart, type Prices, type Session } from '../comfydeploy/model';
import { costOf } from '../spending/cost';
import type { Away } from '../windows/lastSeen';
import { about, hourly } from '../platform/dollars';
import { coarse } from '../platform/durations';

export interface ReminderTextInput {
  readonly prices: Prices | undefined;
}

/** What runs, and what it cost while VS Code was closed. */
export function reminderText({ sessions, away }: Reminder, { prices }: ReminderTextInput): string {
  const known = sessions.flatMap((session) => {
    const price = prices?.get(session.gpu);
    return price === undefined ? [] : [{ session, price }];
  });
  const { length: count } = sessions;
  const hasPrice = known.length > 0;
  const running = count === 1 ? l10n.t('1 session is running.') : l10n.t('{0} sessions are running.', count);
  const burn = known.reduce((sum, { price }) => sum + price, 0);
  const now = [running, ...(hasPrice ? [l10n.t('Your sessions cost about {0}.', hourly(burn))] : [])];
  const unknown =
    known.length < count ? [hasPrice ? l10n.t('Some prices are unknown.') : l10n.t('The price is unknown.')] : [];
  const { since, until } = away;
  if (since === undefined) return [...now, ...unknown].join(' ');
  const cost = known.reduce((sum, { session, price }) => sum + costOf(price, until - start(session, away)), 0n);
  const time = coarse(until - since);
  const before = hasPrice
    ? l10n.t('While VS Code was closed for {0}, the cost was {1}.', time, about(cost))
    : l10n.t('VS Code was closed for {0}.', time);
  return [...now, before, ...unknown].join(' ');
}

function start(session: Session, { since = 0, until }: Away): number {
  return Math.max(latestStart(session, until), since);
}
