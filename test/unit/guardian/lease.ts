import type { Activity, Pace, Work } from '../../../src/comfydeploy/model';
import type { SessionId } from '../../../src/comfydeploy/model';
import { lease, type Leases } from '../../../src/guardian/lease';
import type { GuardInput } from '../../../src/guardian/guardInput';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { alone, guardInput, preferring, type Known } from '../../fakes/guardInput';
import { sessionId } from '../../fakes/setup';

export const ONE = sessionId('one');

/** What is known of one session on a lease. */
export interface Look {
  /** Minutes until its end. */
  readonly left: number;
  readonly activity?: Activity | undefined;
  readonly pace?: Pace;
  readonly isInUse?: boolean;
  readonly phase?: 'ready' | 'starting';
  /** Minutes since the lease was requested. */
  readonly age?: number;
  readonly now?: number;
  /** When the queue was read. */
  readonly readAt?: number;
}

/** A moment with one session whose lease was requested some minutes ago. */
export function leased(look: Look, more: Partial<Known> = {}): GuardInput {
  const { left, activity, pace, isInUse = false, phase = 'ready', age = 60, now = NOW, readAt = now } = look;
  const one = { ...session('one', { left, phase }), createdAt: now - age * MINUTE };
  const moved = 'endsAt' in one ? { ...one, endsAt: now + left * MINUTE } : one;
  const read: Work | undefined = activity && { activity, vram: undefined, readAt, ...(pace ? { pace } : {}) };
  const work = new Map<SessionId, Work>(read ? [[ONE, read]] : []);
  const inUse = new Set<SessionId>(isInUse ? [ONE] : []);
  const preferences = preferring({ lease: { since: now - age * MINUTE } });
  return guardInput({ now, ready: ready({ sessions: [moved] }), work, inUse, ...preferences, ...more });
}

export function stepped(input: GuardInput, before: Leases = new Map()) {
  const { state, decisions, findings = [] } = lease.step(before, alone(input));
  return { leases: state, decisions, isAttended: findings.some(({ kind }) => kind === 'attended') };
}

/** Renewals as minutes from now to the new end; other decisions by their kind. */
export function decisionsFor(input: GuardInput, before?: Leases): readonly unknown[] {
  return stepped(input, before).decisions.map((one) =>
    one.kind === 'renew'
      ? Math.round((one.until - input.now) / MINUTE)
      : one.kind === 'leaseLimit'
        ? one.why
        : one.kind,
  );
}
