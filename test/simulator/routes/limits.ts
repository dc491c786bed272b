import { Refusal } from '../answers';
import type { Scope, SessionRecord } from '../model';
import type { World } from '../world';

const FREE_MINUTES = 30;
const FREE_CREDIT_DOLLARS = 5;
const SESSIONS_A_MACHINE = 5;
const MINUTE = 60_000;

export function refuseWithoutCredit(world: World, scope: Scope): void {
  if (lacksCredit(world, scope)) throw new Refusal(403, 'Insufficient balance for requested operation');
}

export function refuseLongTimeout(world: World, scope: Scope, minutes: number | null): void {
  if (world.accounts.account(scope).plan !== 'free') return;
  if ((minutes ?? 0) > FREE_MINUTES) throw new Refusal(400, 'Free plan users are limited to 30 minutes timeout');
  const open = world.openSessionsOf(scope);
  if (open.length > 0) throw new Refusal(400, 'Free plan does not support concurrent sessions');
}

export function refuseConcurrency(world: World, scope: Scope, machineId: string): void {
  const open = world.openSessionsOf(scope).filter((session) => session.machineId === machineId);
  if (open.length < SESSIONS_A_MACHINE) return;
  throw new Refusal(
    400,
    'You have reached the maximum number of concurrent sessions. Please close some sessions and try again.',
  );
}

export function refuseLongExtension(world: World, scope: Scope, session: SessionRecord, minutes: number): void {
  if (!lacksCredit(world, scope)) return;
  if (session.startedAt === null) throw new Refusal(400, 'Session has not started yet');
  const total = ((session.deadline ?? session.startedAt) - session.startedAt) / MINUTE + minutes;
  if (total <= FREE_MINUTES) return;
  throw new Refusal(
    400,
    'Free plan users with credit balance below $5.00 are limited to 30 minutes total session time.',
  );
}

function lacksCredit(world: World, scope: Scope): boolean {
  const { plan, creditDollars } = world.accounts.account(scope);
  return plan === 'free' && creditDollars < FREE_CREDIT_DOLLARS;
}
