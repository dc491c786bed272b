import type { CeilingWarning, Excess } from './ceilings';
import { about, dollars } from '../platform/dollars';
import type { Spending } from './spending';
import { findSession, type Snapshot } from '../sessions/snapshot';
import { dayAndMonth } from '../platform/durations';
import { theSession } from '../sessions/sessionText';

export interface PriceAgeInput {
  readonly spending: Pick<Spending, 'pricesAsOf'>;
  /** Local clock, ms: what ages are compared with. */
  readonly localNow: number;
}

export interface CreditLeftInput {
  readonly spending: Pick<Spending, 'balance'>;
}

export interface BeforeSpendingInput extends PriceAgeInput, CreditLeftInput {
  readonly spending: Pick<Spending, 'pricesAsOf' | 'balance'>;
}

export interface SpendingLinesInput {
  readonly spending: Pick<Spending, 'today' | 'month' | 'balance' | 'isPartial'>;
}

export interface CeilingTextInput {
  readonly snapshot: Snapshot;
}

const DAY = 24 * 3_600_000;

/** `prices of 21 Nov`; nothing while they are of today or yesterday. */
export function oldPrices({ spending: { pricesAsOf }, localNow }: PriceAgeInput): string | undefined {
  return pricesAsOf === undefined || localNow - pricesAsOf < DAY ? undefined : `prices of ${dayAndMonth(pricesAsOf)}`;
}

/** `credit left about $12.40`, as far as the server tells. */
export function creditLeft({ spending: { balance } }: CreditLeftInput): string | undefined {
  if (balance === undefined) return undefined;
  return balance > 0n ? `credit left ${about(balance)}` : 'no credit left';
}

/** What is worth knowing before money is spent, as a line of its own: `Credit left about $12.40 · prices of 21 Nov`. */
export function beforeSpending(facts: BeforeSpendingInput): string | undefined {
  const parts = [creditLeft(facts), oldPrices(facts)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : capital(parts.join(' · '));
}

/** What was spent, for a tooltip. */
export function spendingLines({ spending }: SpendingLinesInput): readonly (readonly [string, string])[] {
  const { today, month, balance, isPartial } = spending;
  const rest = isPartial ? ', without what has no known price' : '';
  return [
    ['Today', `${about(today)}${rest}`],
    ['This month', `${about(month)}${rest}`],
    ...(balance === undefined ? [] : [['Credit left', balance > 0n ? about(balance) : 'none'] as const]),
  ];
}

/** `This would bring today to about $12.40, above your ceiling of $10.00.` */
export function excessText({ ceiling, figure, limit }: Excess): string {
  const what = { session: 'the session', day: 'today', month: 'this month' }[ceiling];
  return `This would bring ${what} to ${about(figure)}, above your ceiling of ${dollars(limit)}.`;
}

/** `Today's sessions have cost about $8.05, 80 % of your ceiling of $10.00.` */
export function ceilingText(
  { ceiling, session: id, percent, spent, limit }: CeilingWarning,
  { snapshot }: CeilingTextInput,
): string {
  const session = id === undefined ? undefined : findSession(snapshot, id);
  const one = theSession(session, snapshot, 'A session');
  const what = { session: `${one} has`, day: "Today's sessions have", month: "This month's sessions have" }[ceiling];
  const top = dollars(limit);
  if (percent < 100) return `${what} cost ${about(spent)}, ${(spent * 100n) / limit} % of your ceiling of ${top}.`;
  return `${what} cost ${about(spent)} and reached your ceiling of ${top}. Nothing is ended by itself; more time is asked about first.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
