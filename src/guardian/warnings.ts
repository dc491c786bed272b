import * as z from 'zod/mini';
import { bySession } from './bySession';
import { Climb, climb, isQuiet, type Ladder, type Warning } from './ladder';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';

/** Says that a session is about to end. While nobody reads, no rung is climbed: what is due is said when somebody does. */
export const warnings: Policy<Ladder, Warning, 'ladder'> = {
  id: 'ladder',
  initial: new Map(),
  schema: z.lazy(() => bySession(Climb)),
  step(before, { ready, now, audience, rules, muted, findings, wishOf }) {
    const { isRead, warnAt: rungs } = audience;
    if (!isRead) return { state: before, decisions: [] };
    const held = new Set(findings.flatMap((one) => (one.kind === 'attended' ? [one.id] : [])));
    const { watchOthers } = rules;
    const { ladder, warnings } = climb(before, ready, now, { rungs, muted, held, watchOthers });
    const told = warnings.filter(({ rung }) => !isQuiet(rung, rungs));
    const onLease = ({ session }: Warning) => wishOf(session.id).lease !== undefined;
    return {
      state: ladder,
      decisions: told.map((one) => (onLease(one) ? { ...one, isLeased: true } : one)),
    };
  },
  nextAt: (_, { ready, audience }) =>
    ready.sessions.flatMap((session) =>
      'endsAt' in session ? audience.warnAt.map((minutes) => session.endsAt - minutes * MINUTE) : [],
    ),
};
