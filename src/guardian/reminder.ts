import type { Session } from '../comfydeploy/model';
import type { Away } from '../windows/lastSeen';
import { isMine } from '../sessions/snapshot';
import type { Sight } from './sight';

/** Sessions ran while nobody was there. */
export interface Reminder {
  readonly kind: 'remind';
  readonly sessions: readonly Session[];
  readonly away: Away;
}

/** Windows that are opened one after the other, or reloaded, were not away. */
const SHORTEST = 120_000;
/** What was begun so shortly before we came was begun knowingly. */
const RECENT = 60_000;

export interface ReminderStep {
  /** Which absence was told of. */
  readonly reminded: number | undefined;
  readonly reminder: Reminder | undefined;
}

/** Tells once after each start what has been running. @param reminded the absence that was told of last. */
export function remind(reminded: number | undefined, { ready, away, isRead }: Sight): ReminderStep {
  const nothing = { reminded, reminder: undefined };
  if (!away || !isRead) return nothing;
  const { since, until } = away;
  // Where no window was ever open, none was away.
  if (since === undefined || reminded === since || until - since < SHORTEST) return nothing;
  const sessions = ready.sessions.filter(
    (session) =>
      session.phase !== 'ending' && isMine(ready.account, session) && until - (session.createdAt ?? 0) > RECENT,
  );
  return { reminded: since, reminder: sessions.length === 0 ? undefined : { kind: 'remind', sessions, away } };
}
