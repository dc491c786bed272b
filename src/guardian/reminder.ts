import * as z from 'zod/mini';
import type { Session } from '../comfydeploy/model';
import type { Away } from '../windows/lastSeen';
import { isOwn } from '../sessions/snapshot';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';

/** Sessions ran while no window was open. */
export interface Reminder {
  readonly kind: 'remind';
  readonly sessions: readonly Session[];
  readonly away: Away;
}

/** Shorter absences, ms, are reloads or windows opened one after the other. */
const SHORTEST = 120_000;
/** A session started this shortly before, ms, was started knowingly. */
const RECENT = MINUTE;

/** Announces once after each start what has been running. Its state is the last announced absence. */
export const reminder: Policy<number | undefined, Reminder, 'reminded'> = {
  id: 'reminded',
  initial: undefined,
  schema: z.lazy(() => z.optional(z.number())),
  step(reminded, { ready, audience: { away, isRead } }) {
    const nothing = { state: reminded, decisions: [] };
    if (!away || !isRead) return nothing;
    const { since, until } = away;
    // undefined: no window was ever open, so none was away.
    if (since === undefined || reminded === since || until - since < SHORTEST) return nothing;
    const sessions = ready.sessions.filter((session) => session.phase !== 'ending' && isOwn(ready.account, session));
    // Once one session is worth a reminder, all are counted, or the number would be wrong.
    const isNews = sessions.some(({ createdAt }) => until - (createdAt ?? 0) > RECENT);
    return { state: since, decisions: isNews ? [{ kind: 'remind', sessions, away }] : [] };
  },
  nextAt: () => [],
};
