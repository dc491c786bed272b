import type { Prices } from '../comfydeploy/model';
import { due, isNone, wouldExceed, type Ceilings, type CeilingWarning, type Said } from '../spending/ceilings';
import { costOf } from '../spending/cost';
import type { Spending } from '../spending/spending';
import type { Limit, Sight } from './sight';
import type { ReadySession } from '../sessions/snapshot';

const MINUTE = 60_000;

/** So much of a ceiling is spent. */
export interface AtCeiling {
  readonly kind: 'ceiling';
  readonly warning: CeilingWarning;
}

export interface MoneyLimitInput {
  readonly spending: Spending;
  readonly ceilings: Ceilings;
  readonly prices: Prices | undefined;
}

/** Which ceiling of money another so many minutes would break. A cost that nobody knows may break any. */
export function moneyLimit(
  facts: MoneyLimitInput,
  { id, gpu }: ReadySession,
  minutes: number,
): Exclude<Limit, 'minutes'> | undefined {
  const { ceilings, prices } = facts;
  if (isNone(ceilings)) return undefined;
  const price = prices?.get(gpu);
  if (price === undefined) return 'price';
  return wouldExceed(facts.spending, ceilings, costOf(price, minutes * MINUTE), id)?.ceiling;
}

/** Each share of each ceiling is told once, and not while nobody reads. */
export function tellOfCeilings(
  before: Said,
  sight: Pick<Sight, 'spending' | 'ceilings' | 'isRead'>,
): { readonly said: Said; readonly decisions: readonly AtCeiling[] } {
  if (!sight.isRead) return { said: before, decisions: [] };
  if (isNone(sight.ceilings)) return { said: new Map(), decisions: [] };
  const { said, warnings } = due(before, sight.spending, sight.ceilings);
  return { said, decisions: warnings.map((warning) => ({ kind: 'ceiling', warning })) };
}
