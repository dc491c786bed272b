import { spendingLimits, type AtSpendingLimit } from './spendingLimits';
import { countdown, type End, type StartCountdown } from './countdown';
import { endAt } from './endAt';
import { endWhenIdle } from './endWhenIdle';
import { finishThenEnd } from './finishThenEnd';
import { keepAlive, type AtLimit, type Extend } from './keepAlive';
import { lease, type LeaseDecision } from './lease';
import type { Warning } from './ladder';
import type { Policy } from './policy';
import { reminder, type Reminder } from './reminder';
import { warnings } from './warnings';

export type Decision = Warning | Extend | LeaseDecision | AtLimit | StartCountdown | End | Reminder | AtSpendingLimit;

/** In this order: of several reasons to end a session, the first one counts. */
const LIST = [
  lease,
  keepAlive,
  finishThenEnd,
  endWhenIdle,
  endAt,
  countdown,
  warnings,
  spendingLimits,
  reminder,
] as const;

/** The state of each policy, by its id. */
export type PolicyStates = { readonly [One in (typeof LIST)[number] as One['id']]: One['initial'] };

export const INITIAL: PolicyStates = {
  leases: lease.initial,
  holds: keepAlive.initial,
  finishThenEnd: finishThenEnd.initial,
  spared: endWhenIdle.initial,
  endAt: endAt.initial,
  countdowns: countdown.initial,
  ladder: warnings.initial,
  said: spendingLimits.initial,
  reminded: reminder.initial,
};

/** The list with one type, for code that runs them all and gives each its own state. */
export const POLICIES: readonly Policy<PolicyStates[keyof PolicyStates], Decision, keyof PolicyStates>[] = LIST;
