import * as z from 'zod/mini';
import type { Session } from '../comfydeploy/model';
import type { Away } from '../windows/lastSeen';
import { isOwn } from '../sessions/snapshot';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';

/** Sessions ran while nobody was there. */
export interface Reminder {
  readonly kind: 'remind';
  readonly sessions: readonly Session[];
  readonly away: Away;
}

/** Windows that are opened one after the other, or reloaded, were not away. */
const SHORTEST = 120_000;
/** What was begun so shortly before we came was begun knowingly. */
const RECENT = MINUTE;

/** Announces once after each start what has been running. Its state is the absence that was announced last. */
export const reminder: Policy<number | undefined, Reminder, 'reminded'> = {
  id: 'reminded',
  initial: undefined,
  schema: z.lazy(() => z.optional(z.number())),
  step(reminded, { ready, audience: { away, isRead } }) {
    const nothing = { state: reminded, decisions: [] };
    if (!away || !isRead) return nothing;
    const { since, until } = away;
    // Where no window was ever open, none was away.
    if (since === undefined || reminded === since || until - since < SHORTEST) return nothing;
    const sessions = ready.sessions.filter((session) => session.phase !== 'ending' && isOwn(ready.account, session));
    // Whoever is reminded of one is reminded of all: a number that leaves some out would be a false one.
    const isNews = sessions.some(({ createdAt }) => until - (createdAt ?? 0) > RECENT);
    return { state: since, decisions: isNews ? [{ kind: 'remind', sessions, away }] : [] };
  },
  nextAt: () => [],
};
