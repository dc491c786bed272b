import { randomUUID } from 'node:crypto';
import type { SessionRecord } from './model';
import type { World } from './world';

export interface SessionSeed {
  /** Default: the machine's owner, or else the first key's. */
  readonly userId?: string;
  readonly orgId?: string | null;
  readonly machineId?: string | null;
  readonly gpu?: string | null;
  /** `unmanaged`: on an old machine, never listed. Default: `ready`. */
  readonly state?: 'starting' | 'ready' | 'stopping' | 'unmanaged' | 'ended';
  readonly minutesOld?: number;
  /** Negative for an ended session: how long ago it ended. Default: 30. */
  readonly minutesLeft?: number;
  /** Default: the time it has had plus the time it has left. */
  readonly timeoutMinutes?: number | null;
}

const MINUTE = 60_000;
const QUEUED_MS = 10_000;

/** A session that exists as if created some time ago, without a request. */
export async function seedSession(world: World, seed: SessionSeed): Promise<SessionRecord> {
  const session = recordOf(world, seed);
  world.sessions.restore(session);
  const state = seed.state ?? 'ready';
  if (state === 'starting') world.sessions.beginStartUp(session.id);
  if (state === 'ready' || state === 'unmanaged') await world.sessions.finishStartUp(session.id);
  return world.sessions.get(session.id) ?? session;
}

function recordOf(world: World, seed: SessionSeed): SessionRecord {
  const { state = 'ready', minutesOld = 1, minutesLeft = 30 } = seed;
  const machine = seed.machineId ? world.machines.get(seed.machineId) : undefined;
  const owner = machine ?? world.accounts.keys()[0] ?? { userId: 'user_demo', orgId: null };
  const now = world.clock.now();
  const createdAt = now - minutesOld * MINUTE;
  const hasDeadline = state === 'ready' || state === 'starting';
  const startedAt = state === 'starting' ? null : Math.min(createdAt + QUEUED_MS, now);
  return {
    id: randomUUID(),
    gpuEventId: randomUUID(),
    userId: seed.userId ?? owner.userId,
    orgId: seed.orgId === undefined ? owner.orgId : seed.orgId,
    machineId: seed.machineId ?? null,
    machineVersionId: machine?.versionId ?? null,
    gpu: seed.gpu === undefined ? (machine?.gpu ?? 'A10G') : seed.gpu,
    createdAt,
    updatedAt: now,
    timeoutMinutes: seed.timeoutMinutes === undefined ? minutesOld + minutesLeft : seed.timeoutMinutes,
    deadline: hasDeadline ? now + minutesLeft * MINUTE : null,
    keepsDeadline: state !== 'unmanaged',
    functionId: state === 'starting' ? null : `fc-${randomUUID().slice(-12)}`,
    startedAt,
    endedAt: state === 'ended' ? now + Math.min(0, minutesLeft) * MINUTE : null,
    url: null,
    stoppingAt: state === 'stopping' ? now : null,
  };
}
