import * as z from 'zod/mini';
import type { Prices } from '../comfydeploy/model';
import { due, isNone, wouldExceed, type Ceilings, type CeilingWarning, type Said } from '../spending/ceilings';
import { costOf } from '../spending/cost';
import type { Spending } from '../spending/spending';
import type { ReadySession } from '../sessions/snapshot';
import type { Limit } from './guardInput';
import type { Policy } from './policy';
import { MINUTE } from '../platform/units';
import { mapOf } from '../platform/unread';

/** So much of a ceiling is spent. */
export interface AtCeiling {
  readonly kind: 'ceiling';
  readonly warning: CeilingWarning;
}

export interface MoneyLimitInput {
  readonly spending: Spending;
  readonly limits: { readonly ceilings: Ceilings; readonly planMinutes: number };
  readonly prices: Prices | undefined;
}

/** Which ceiling of money, or limit of the plan, another so many minutes would break. A cost that nobody knows may break any. */
export function moneyLimit(
  input: MoneyLimitInput,
  { id, gpu, createdAt, endsAt }: Pick<ReadySession, 'id' | 'gpu' | 'createdAt' | 'endsAt'>,
  minutes: number,
): Exclude<Limit, 'minutes'> | undefined {
  const { prices } = input;
  const { ceilings, planMinutes } = input.limits;
  if (createdAt !== undefined && endsAt - createdAt > (planMinutes - minutes) * MINUTE) return 'plan';
  if (isNone(ceilings)) return undefined;
  const price = prices?.get(gpu);
  if (price === undefined) return 'price';
  return wouldExceed(input.spending, ceilings, costOf(price, minutes * MINUTE), id)?.ceiling;
}

/** Each share of each ceiling is announced once, and not while nobody reads. */
export const ceilings: Policy<Said, AtCeiling, 'said'> = {
  id: 'said',
  initial: new Map(),
  schema: z.lazy(() => mapOf(z.string(), z.number())),
  step(before, { audience, money }) {
    if (!audience.isRead) return { state: before, decisions: [] };
    if (isNone(money.ceilings)) return { state: new Map(), decisions: [] };
    const { said, warnings } = due(before, money.spending, money.ceilings);
    return { state: said, decisions: warnings.map((warning) => ({ kind: 'ceiling', warning })) };
  },
  nextAt: () => [],
};
