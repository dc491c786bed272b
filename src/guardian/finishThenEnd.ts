import * as z from 'zod/mini';
import { ownReady } from '../sessions/snapshot';
import { activityOf, unneededSince } from './guardInput';
import type { Policy } from './policy';

/** How long a queue has to be empty, ms: it is briefly empty between two prompts. */
export const SETTLED = 10_000;

/** Ends a session once its queue is empty, if the user asked for that. Keeping the session cancels it. */
export const finishThenEnd: Policy<undefined, never, 'finishThenEnd'> = {
  id: 'finishThenEnd',
  initial: undefined,
  schema: z.lazy(() => z.literal(undefined)),
  step(state, input) {
    const findings = ownReady(input.ready).flatMap((session) => {
      const idleSince = unneededSince(input, session.id);
      const isDue = idleSince !== undefined && input.now - idleSince >= SETTLED;
      if (!isDue || !input.preferencesOf(session.id).finishThenEnd) return [];
      return [{ kind: 'endDue', session, why: 'finished', idleSince } as const];
    });
    return { state, decisions: [], findings };
  },
  nextAt: (_, input) =>
    ownReady(input.ready).flatMap(({ id }) => {
      const activity = activityOf(input, id);
      return activity.kind === 'idle' && input.preferencesOf(id).finishThenEnd ? [activity.since + SETTLED] : [];
    }),
  keep: (state, id, { preferencesOf }) =>
    preferencesOf(id).finishThenEnd ? { state, change: { finishThenEnd: false } } : { state },
};
