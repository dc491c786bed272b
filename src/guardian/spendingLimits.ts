import * as z from 'zod/mini';
import type { Prices } from '../comfydeploy/model';
import {
  due,
  isNone,
  wouldExceed,
  type SpendingLimits,
  type SpendingLimitWarning,
  type Said,
} from '../spending/spendingLimits';
import { costOf } from '../spending/cost';
import type { Spending } from '../spending/spending';
import type { ReadySession } from '../sessions/snapshot';
import type { Limit } from './guardInput';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';
import { mapOf } from '../platform/unread';

/** A share of a spending limit that was reached. */
export interface AtSpendingLimit {
  readonly kind: 'spendingLimit';
  readonly warning: SpendingLimitWarning;
}

export interface MoneyLimitInput {
  readonly spending: Spending;
  readonly limits: { readonly spendingLimits: SpendingLimits; readonly planMinutes: number };
  readonly prices: Prices | undefined;
}

/**
 * The spending limit, or limit of the plan, that so many more minutes would exceed. An unknown price counts as
 * exceeding any.
 */
export function moneyLimit(
  input: MoneyLimitInput,
  { id, gpu, createdAt, endsAt }: Pick<ReadySession, 'id' | 'gpu' | 'createdAt' | 'endsAt'>,
  minutes: number,
): Exclude<Limit, 'minutes'> | undefined {
  const { prices } = input;
  const { spendingLimits, planMinutes } = input.limits;
  if (createdAt !== undefined && endsAt - createdAt > (planMinutes - minutes) * MINUTE) return 'plan';
  if (isNone(spendingLimits)) return undefined;
  const price = prices?.get(gpu);
  if (price === undefined) return 'price';
  return wouldExceed(input.spending, spendingLimits, costOf(price, minutes * MINUTE), id)?.period;
}

/** Announces each share of each spending limit once, and only while somebody is present. */
export const spendingLimits: Policy<Said, AtSpendingLimit, 'said'> = {
  id: 'said',
  initial: new Map(),
  schema: z.lazy(() => mapOf(z.string(), z.number())),
  step(before, { audience, money }) {
    if (!audience.isRead) return { state: before, decisions: [] };
    if (isNone(money.spendingLimits)) return { state: new Map(), decisions: [] };
    const { said, warnings } = due(before, money.spending, money.spendingLimits);
    return { state: said, decisions: warnings.map((warning) => ({ kind: 'spendingLimit', warning })) };
  },
  nextAt: () => [],
};
