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
  const burn = hasPrice ? known.reduce((sum, { price }) => sum + price, 0) : undefined;
  const running = runningText(count, burn);
  const unknown =
    known.length < count ? [hasPrice ? l10n.t('Some prices are unknown.') : l10n.t('The price is unknown.')] : [];
  const { since, until } = away;
  if (since === undefined) return [running, ...unknown].join(' ');
  const cost = known.reduce((sum, { session, price }) => sum + costOf(price, until - start(session, away)), 0n);
  return [running, awayText(count, coarse(until - since), hasPrice ? about(cost) : undefined), ...unknown].join(' ');
}

/** @param burn dollars a second; undefined while no price is known. */
function runningText(count: number, burn: number | undefined): string {
  if (burn === undefined)
    return count === 1 ? l10n.t('1 session is running.') : l10n.t('{0} sessions are running.', count);
  const price = hourly(burn);
  return count === 1
    ? l10n.t('1 session is running, about {0}.', price)
    : l10n.t('{0} sessions are running, about {1}.', count, price);
}

function awayText(count: number, time: string, cost: string | undefined): string {
  if (cost === undefined)
    return count === 1
      ? l10n.t('It ran while VS Code was closed for {0}.', time)
      : l10n.t('They ran while VS Code was closed for {0}.', time);
  return count === 1
    ? l10n.t('It ran while VS Code was closed for {0}: {1}.', time, cost)
    : l10n.t('They ran while VS Code was closed for {0}: {1}.', time, cost);
}

function start(session: Session, { since = 0, until }: Away): number {
  return Math.max(latestStart(session, until), since);
}
