import type { Reminder } from './reminder';
import { latestStart, type Prices, type Session } from '../comfydeploy/model';
import { costOf } from '../spending/cost';
import type { Away } from '../windows/lastSeen';
import { about, hourly } from '../platform/dollars';
import { coarse } from '../platform/durations';

export interface ReminderTextInput {
  readonly prices: Prices | undefined;
}

/** What runs, and what it has cost while nobody was there. */
export function reminderText({ sessions, away }: Reminder, { prices }: ReminderTextInput): string {
  const isOne = sessions.length === 1;
  const known = sessions.flatMap((session) => {
    const price = prices?.get(session.gpu);
    return price === undefined ? [] : [{ session, price }];
  });
  const missing = known.length < sessions.length;
  const total = known.reduce((sum, { price }) => sum + price, 0);
  const burn = known.length === 0 ? '' : `, about ${hourly(total)}`;
  const running = `${isOne ? '1 session is' : `${sessions.length} sessions are`} running${burn}.`;
  const unknown = missing ? ` ${known.length === 0 ? 'The price is unknown.' : 'Some prices are unknown.'}` : '';
  const { since, until } = away;
  if (since === undefined) return running + unknown;
  const cost = known.reduce((sum, { session, price }) => sum + costOf(price, until - start(session, away)), 0n);
  const paid = known.length === 0 ? '' : `: ${about(cost)}`;
  return `${running} ${isOne ? 'It' : 'They'} ran while VS Code was closed for ${coarse(until - since)}${paid}.${unknown}`;
}

function start(session: Session, { since = 0, until }: Away): number {
  return Math.max(latestStart(session, until), since);
}
