import type { MachineEvent } from '../comfydeploy/wire';
import { DAY, MINUTE } from '../platform/units';

/** The platform stops each container after a day, whatever became of its session. */
export const CONTAINER_LIMIT = DAY;

/**
 * The server closes a session without a known container as of its creation. If the container starts afterwards, its
 * start is written into the closed row, so an end before the start means that it runs on and is billed; nothing else
 * shows that. A time without a fraction of a second lacks its seconds, and may be up to a minute later than it says.
 */
export function runsOn({ startedAt, endedAt }: Pick<MachineEvent, 'startedAt' | 'endedAt'>): boolean {
  if (startedAt === undefined) return false;
  if (endedAt === undefined) return true;
  if (endedAt >= startedAt) return false;
  return endedAt % MINUTE !== 0 || startedAt - endedAt >= MINUTE;
}

/** The row is closed, and its container may run on. */
export function isLeak(event: MachineEvent): boolean {
  return event.endedAt !== undefined && runsOn(event);
}

/**
 * Closed as of its creation, when it had no container: one may still start. Times that lack their seconds prove
 * nothing.
 */
export function isClosedAtBirth({ createdAt, startedAt, endedAt }: MachineEvent): boolean {
  return endedAt === createdAt && createdAt % MINUTE !== 0 && (startedAt === undefined || startedAt === createdAt);
}
