import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { lastTimeOfDay, nextTimeOfDay } from '../platform/wallClock';
import type { EndAt } from '../sessions/preferences';
import { ownReady } from '../sessions/snapshot';
import { mapOf } from '../platform/unread';
import { COUNTDOWN } from './countdown';
import { SETTLED } from './finishThenEnd';
import { activityOf, unneededSince, type EndDue } from './guardInput';
import type { Policy } from './policy';

/** The wanted time of a session's end, and from when on it counts. */
const Awaited = z.lazy(() =>
  z.object({
    /** `timeOf`. */
    time: z.number(),
    /** Server time, ms. */
    since: z.number(),
  }),
);
type Awaited = z.infer<typeof Awaited>;

/**
 * Ends sessions at a time of day, so that the countdown ends then. A session that is rendering or in use at that time,
 * or whose queue cannot be read, ends once it is known to be idle. A daily time that had passed when it was set counts
 * from the next day.
 */
export const endAt: Policy<ReadonlyMap<SessionId, Awaited>, never, 'endAt'> = {
  id: 'endAt',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, Awaited)),
  step(before, input) {
    const { now, preferencesOf } = input;
    const state = new Map<SessionId, Awaited>();
    const findings: EndDue[] = [];
    for (const session of input.ready.sessions) {
      const { id } = session;
      const asked = preferencesOf(id).endAt;
      if (asked) state.set(id, awaited(before.get(id), asked, now));
    }
    for (const session of ownReady(input.ready)) {
      const asked = preferencesOf(session.id).endAt;
      const known = state.get(session.id);
      const idleSince = unneededSince(input, session.id);
      if (!asked || !known || idleSince === undefined || now - idleSince < SETTLED) continue;
      if (lastOf(asked, now + COUNTDOWN) <= known.since) continue;
      findings.push({ kind: 'endDue', session, why: 'atTime', idleSince });
    }
    return { state, decisions: [], findings };
  },
  nextAt: (_, input) =>
    ownReady(input.ready).flatMap(({ id }) => {
      const asked = input.preferencesOf(id).endAt;
      const activity = activityOf(input, id);
      if (!asked || activity.kind !== 'idle') return [];
      return [nextOf(asked, input.now + COUNTDOWN) - COUNTDOWN, activity.since + SETTLED];
    }),
  keep(before, id, { now, preferencesOf }) {
    const asked = preferencesOf(id).endAt;
    if (!asked) return { state: before };
    const since = now + COUNTDOWN;
    const state = new Map(before).set(id, { time: timeOf(asked), since });
    return asked.kind === 'once' && asked.at <= since ? { state, change: { endAt: 'asSet' } } : { state };
  },
};

function awaited(before: Awaited | undefined, asked: EndAt, now: number): Awaited {
  const time = timeOf(asked);
  if (before?.time === time) return before;
  return { time, since: asked.kind === 'once' ? 0 : now };
}

/** Equal wishes give equal numbers; minutes of a day are always smaller than a time in ms. */
function timeOf(asked: EndAt): number {
  return asked.kind === 'once' ? asked.at : asked.minutes;
}

function lastOf(asked: EndAt, now: number): number {
  if (asked.kind === 'daily') return lastTimeOfDay(asked.minutes, now);
  return asked.at <= now ? asked.at : Number.NEGATIVE_INFINITY;
}

function nextOf(asked: EndAt, now: number): number {
  return asked.kind === 'daily' ? nextTimeOfDay(asked.minutes, now) : asked.at;
}
