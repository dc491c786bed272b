import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { ageOf, isOlder } from '../platform/age';
import { ownReady } from '../sessions/snapshot';
import { mapOf } from '../platform/unread';
import { activityOf, unneededSince, type EndDue } from './guardInput';
import { idleMinutesOf } from './leaseUse';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';

/** When the user last kept the session or was seen using it. Server time, ms. */
export type Spared = ReadonlyMap<SessionId, number>;

/**
 * Ends sessions that have been idle for the minutes that the user set; without a setting, a leased session for the
 * length of its lease.
 */
export const endWhenIdle: Policy<Spared, never, 'spared'> = {
  id: 'spared',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, z.number())),
  step(before, input) {
    const { ready, now, preferencesOf, presence, guardSettings } = input;
    const spared = new Map([...before].filter(([id]) => ready.sessions.some((session) => session.id === id)));
    const findings: EndDue[] = [];
    for (const session of ownReady(ready)) {
      const { id } = session;
      const minutes = idleMinutesOf(preferencesOf(id), guardSettings.lease);
      if (minutes === undefined) continue;
      // Recorded at most once a minute.
      if (presence.inUse.has(id) && isOlder(spared.get(id), MINUTE - 1, now)) spared.set(id, now);
      const idleSince = unneededSince(input, id);
      if (idleSince === undefined || minutes <= 0) continue;
      // A time in the future was written with a wrong clock, and does not count.
      const sparedAt = spared.get(id) ?? Number.NEGATIVE_INFINITY;
      const quietSince = ageOf(sparedAt, now) === undefined ? idleSince : Math.max(idleSince, sparedAt);
      if (now - quietSince >= minutes * MINUTE) findings.push({ kind: 'endDue', session, why: 'idle', idleSince });
    }
    return { state: spared, decisions: [], findings };
  },
  nextAt: (spared, input) =>
    ownReady(input.ready).flatMap(({ id }) => {
      const activity = activityOf(input, id);
      const minutes = idleMinutesOf(input.preferencesOf(id), input.guardSettings.lease);
      if (activity.kind !== 'idle' || minutes === undefined) return [];
      return [Math.max(activity.since, spared.get(id) ?? activity.since) + minutes * MINUTE];
    }),
  keep: (spared, id, { now }) => ({ state: new Map(spared).set(id, now) }),
};
