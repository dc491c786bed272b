import type { MachineEvent } from '../comfydeploy/wire';
import { DAY, MINUTE } from '../platform/units';

/** Containers are stopped after a day, whatever became of their sessions. */
export const CONTAINER_LIMIT = DAY;

/**
 * The server closes a session that it knows no container of as of its creation; if the container comes up all the same,
 * its start is written into the closed row. So an end before the start means that it runs on, and is billed: nothing else
 * shows it. A time without a fraction comes without its seconds and may be up to a minute later than it says.
 */
export function runsOn({ startedAt, endedAt }: Pick<MachineEvent, 'startedAt' | 'endedAt'>): boolean {
  if (startedAt === undefined) return false;
  if (endedAt === undefined) return true;
  if (endedAt >= startedAt) return false;
  return endedAt % MINUTE !== 0 || startedAt - endedAt >= MINUTE;
}

/** Closed, and it may run on, or come up yet. */
export function isLeak(event: MachineEvent): boolean {
  return event.endedAt !== undefined && runsOn(event);
}

/** Closed as of its creation, when it had no container: it may come up yet. Times without their seconds say nothing. */
export function isClosedAtBirth({ createdAt, startedAt, endedAt }: MachineEvent): boolean {
  return endedAt === createdAt && createdAt % MINUTE !== 0 && (startedAt === undefined || startedAt === createdAt);
}
