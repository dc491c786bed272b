import { PRICES, type SessionRecord } from './model';
import type { World } from './world';

export interface BilledSession {
  readonly id: string;
  readonly machine: string | null;
  readonly gpu: string | null;
  /** From the start of the container to its end, or to now. */
  readonly seconds: number;
  readonly dollars: number;
  readonly open: boolean;
}

/** What a client's writes cost in total. */
export interface Bill {
  readonly created: number;
  readonly extended: number;
  /** Extensions by the endpoint that leaves the deadline alone. */
  readonly timeoutFieldRaised: number;
  readonly cancelled: number;
  readonly dollars: number;
  readonly sessions: readonly BilledSession[];
}

export function billOf(world: World): Bill {
  const writes = world.sessions.writes();
  const count = (kind: string) => writes.filter((write) => write.kind === kind).length;
  const sessions = world.sessions.all().map((session) => billedSession(world, session));
  return {
    created: count('created'),
    extended: count('extended'),
    timeoutFieldRaised: count('timeoutFieldRaised'),
    cancelled: count('cancelled'),
    dollars: sessions.reduce((sum, { dollars }) => sum + dollars, 0),
    sessions,
  };
}

function secondsOf({ startedAt, endedAt }: Pick<SessionRecord, 'startedAt' | 'endedAt'>, now: number): number {
  if (startedAt === null) return 0;
  return ((runsOn({ startedAt, endedAt }) ? now : (endedAt ?? now)) - startedAt) / 1_000;
}

/** Also when the row was closed before its container came up. */
function runsOn({ startedAt, endedAt }: Pick<SessionRecord, 'startedAt' | 'endedAt'>): boolean {
  return endedAt === null || (startedAt !== null && endedAt < startedAt);
}

function dollarsOf(session: SessionRecord, now: number): number {
  return secondsOf(session, now) * (PRICES[session.gpu ?? 'CPU'] ?? 0);
}

function billedSession(world: World, session: SessionRecord): BilledSession {
  const now = world.clock.now();
  const machine = session.machineId === null ? undefined : world.machines.get(session.machineId);
  return {
    id: session.id,
    machine: machine?.name ?? null,
    gpu: session.gpu,
    seconds: secondsOf(session, now),
    dollars: dollarsOf(session, now),
    open: runsOn(session),
  };
}
