import { climb, type Ladder } from '../../../src/guardian/ladder';
import { SessionId, type Session } from '../../../src/comfydeploy/model';
import type { Ready } from '../../../src/sessions/snapshot';

export const MINUTE = 60_000;
export const RUNGS = [15, 5, 1];
export const RULES = { rungs: RUNGS, muted: new Set<SessionId>(), held: new Set<SessionId>(), watchOthers: false };

export function ready(endsAt: number, change: Partial<Extract<Session, { phase: 'ready' }>> = {}): Ready {
  const session: Session = {
    phase: 'ready',
    id: SessionId.parse('one'),
    gpuEventId: 'event',
    gpu: 'A10G',
    createdAt: 0,
    minutesAsked: 60,
    machineId: undefined,
    machineVersionId: undefined,
    userId: 'me',
    url: 'https://one.example',
    endsAt,
    ...change,
  };
  const account = { userId: 'me', orgId: 'org', expiresAt: undefined };
  return {
    kind: 'ready',
    account,
    scope: '811c9dc5',
    keySource: 'stored',
    machines: [],
    sessions: [session],
    asOf: 0,
    skipped: [],
  };
}

/** The warnings announced while time passes; `move` sets a new end at a time. */
export function announced(
  endsAt: number,
  times: readonly number[],
  options: { readonly move?: [number, number] } = {},
) {
  let ladder: Ladder = new Map();
  let end = endsAt;
  const rungs: number[] = [];
  for (const now of times) {
    if (options.move && now >= options.move[0]) end = options.move[1];
    const step = climb(ladder, ready(end), now, RULES);
    ladder = step.ladder;
    rungs.push(...step.warnings.map(({ rung }) => rung));
  }
  return rungs;
}
