import { wouldExceed } from '../core/money/ceilings';
import { costOf } from '../core/money/cost';
import type { SessionId } from '../core/model';
import type { Facts } from '../core/present/facts';
import { excessText } from '../core/present/moneyText';
import { confirm } from './pick';

const MINUTE = 60_000;

export interface Wanted {
  readonly gpu: string;
  readonly minutes: number;
  /** The one that is extended; a new one has none. */
  readonly session?: SessionId;
  /** What the button says. */
  readonly action: string;
}

/** Whether so much more may be spent: asks only where it would break one of the user's own ceilings. */
export async function isAllowed(
  { spending, ceilings, prices }: Facts,
  { gpu, minutes, session, action }: Wanted,
): Promise<boolean> {
  const price = prices?.get(gpu);
  const cost = price === undefined ? 0n : costOf(price, minutes * MINUTE);
  const excess = wouldExceed(spending, ceilings, cost, session);
  if (!excess) return true;
  const detail = 'The ceilings are yours: see the settings. Costs are estimates from list prices.';
  return confirm(excessText(excess), detail, action);
}
