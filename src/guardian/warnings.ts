import * as z from 'zod/mini';
import type { Session } from '../comfydeploy/model';
import { endOrNever } from '../sessions/deadline';
import { SessionId } from '../comfydeploy/model';
import { mapOf } from '../platform/unread';
import type { GuardInput } from './guardInput';
import { Climb, climb, isQuiet, type Ladder, type Warning } from './ladder';
import { lastThirdOf } from './leaseUse';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';

/**
 * Warns that a session is about to end. While nobody is present, nothing but an unused lease counts as announced, so it
 * is announced later.
 */
export const warnings: Policy<Ladder, Warning, 'ladder'> = {
  id: 'ladder',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, Climb)),
  step(before, { ready, now, audience, guardSettings, muted, findings, preferencesOf }) {
    const { isRead, warnAt: rungs } = audience;
    const onLease = ({ id }: Session) => preferencesOf(id).lease !== undefined;
    // What ends because nobody uses it ends while nobody is present: it is announced all the same.
    const present = isRead ? ready : { ...ready, sessions: ready.sessions.filter(onLease) };
    const attended = findings.flatMap((one) => (one.kind === 'attended' ? [one.id] : []));
    const early = ready.sessions.filter((session) => isEarly(session, { now, preferencesOf, guardSettings }));
    const held = new Set([...attended, ...early.map(({ id }) => id)]);
    const { watchOthers } = guardSettings;
    const { ladder, warnings } = climb(before, present, now, { rungs, muted, held, watchOthers });
    const decided = warnings.filter(({ rung }) => !isQuiet(rung, rungs));
    return {
      state: isRead ? ladder : new Map([...before, ...ladder]),
      decisions: decided.map((one) => (onLease(one.session) ? { ...one, isLeased: true } : one)),
    };
  },
  nextAt: (_, { ready, audience, guardSettings, preferencesOf }) =>
    ready.sessions.flatMap((session) => {
      if (!('endsAt' in session) || audience.warnAt.length === 0) return [];
      const late = preferencesOf(session.id).lease ? [session.endsAt - lastThirdOf(guardSettings.lease)] : [];
      return [...audience.warnAt.map((minutes) => session.endsAt - minutes * MINUTE), ...late];
    }),
};

/** A leased session is always about to end: whether it will is known once the lease should have been renewed. */
function isEarly(
  session: Session,
  { now, preferencesOf, guardSettings }: Pick<GuardInput, 'now' | 'preferencesOf' | 'guardSettings'>,
): boolean {
  return preferencesOf(session.id).lease !== undefined && endOrNever(session) - now > lastThirdOf(guardSettings.lease);
}
