import * as l10n from '@vscode/l10n';
import type { SpendingLimitWarning, Excess, Period } from './spendingLimits';
import { capital } from '../platform/language';
import { about, dollars } from '../platform/dollars';
import type { Spending } from './spending';
import { findSession, type Snapshot } from '../sessions/snapshot';
import { dayAndMonth } from '../platform/durations';
import { theSession } from '../sessions/sessionText';
import { DAY } from '../platform/units';

export interface PriceAgeInput {
  readonly spending: Pick<Spending, 'pricesAsOf'>;
  /** Local clock, ms: ages are relative to it. */
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

export interface SpendingLimitTextInput {
  readonly snapshot: Snapshot;
}

/** `prices of 21 Nov`; undefined while they are less than a day old. */
export function oldPrices({ spending: { pricesAsOf }, localNow }: PriceAgeInput): string | undefined {
  return pricesAsOf === undefined || localNow - pricesAsOf < DAY
    ? undefined
    : l10n.t('prices of {0}', dayAndMonth(pricesAsOf));
}

/** `credit left about $12.40`; undefined if the server does not report it. */
export function creditLeft({ spending: { balance } }: CreditLeftInput): string | undefined {
  if (balance === undefined) return undefined;
  return balance === 0n ? l10n.t('no credit left') : l10n.t('credit left {0}', balanceText(balance));
}

/** `about $12.40`, `-$0.60` if it is overdrawn. */
function balanceText(balance: bigint): string {
  return balance < 0n ? `-${dollars(-balance)}` : about(balance);
}

/** What to know before spending money, as a line of its own: `Credit left about $12.40 · prices of 21 Nov`. */
export function beforeSpending(input: BeforeSpendingInput): string | undefined {
  const parts = [creditLeft(input), oldPrices(input)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : capital(parts.join(' · '));
}

/** What was spent, for a tooltip. */
export function spendingLines({ spending }: SpendingLinesInput): readonly (readonly [string, string])[] {
  const { today, month, balance, isPartial } = spending;
  const known = (sum: bigint) => (isPartial ? l10n.t('{0}, excluding unknown prices', about(sum)) : about(sum));
  const credit = (left: bigint) =>
    left === 0n ? l10n.t({ message: 'none', comment: ['Of credit'] }) : balanceText(left);
  return [
    [l10n.t('Today'), known(today)],
    [l10n.t('This month'), known(month)],
    ...(balance === undefined ? [] : [[l10n.t('Credit left'), credit(balance)] as const]),
  ];
}

/** `Today: about $12.40 would exceed your spending limit of $10.00.` */
export function excessText({ period, figure, limit }: Excess): string {
  return l10n.t({
    message: '{0}: {1} would exceed your spending limit of {2}.',
    args: [whatOf(period, l10n.t('The session')), about(figure), dollars(limit)],
    comment: ['{0} is Today, This month, or The session; {1} is what it would cost'],
  });
}

/** What a limit is about. @param session the name of one. */
function whatOf(period: Period, session: string): string {
  if (period === 'session') return session;
  return period === 'day' ? l10n.t('Today') : l10n.t('This month');
}

/** One message for limits that were reached together. */
export function spendingLimitsText(warnings: readonly SpendingLimitWarning[], input: SpendingLimitTextInput): string {
  const [one, ...more] = warnings.filter(({ period }) => period === 'session');
  const rest = warnings.filter(({ period }) => period !== 'session');
  // Many sessions at once would be a wall of text.
  const many = one && more.length > 0 ? [manyText(one, more)] : [];
  const singly = many.length === 0 ? warnings : rest;
  const text = [...many, ...singly.map((warning) => spendingLimitText(warning, input))].join(' ');
  if (warnings.every(({ percent }) => percent < 100)) return text;
  return l10n.t("{0} Nothing ends automatically. You'll be asked before adding time.", text);
}

/** `3 sessions have cost about $4.02 or more each, of your spending limit of $5.00 for one session.` */
function manyText(one: SpendingLimitWarning, more: readonly SpendingLimitWarning[]): string {
  const least = more.reduce((low, { spent }) => (spent < low ? spent : low), one.spent);
  return l10n.t(
    '{0} sessions have each cost {1} or more of your spending limit of {2} for one session.',
    more.length + 1,
    about(least),
    dollars(one.limit),
  );
}

/** `Today: about $8.05, 80% of your spending limit of $10.00.` */
function spendingLimitText(
  { period, session: id, percent, spent, limit }: SpendingLimitWarning,
  { snapshot }: SpendingLimitTextInput,
): string {
  const [cost, top] = [about(spent), dollars(limit)];
  const session = id === undefined ? undefined : findSession(snapshot, id);
  const what = whatOf(period, theSession(session, snapshot, l10n.t('A session')));
  if (percent >= 100)
    return l10n.t({
      message: '{0}: {1}. Your spending limit of {2} is reached.',
      args: [what, cost, top],
      comment: ['{0} is Today, This month, or a session; {1} is what it has cost'],
    });
  return l10n.t({
    message: '{0}: {1}, {2}% of your spending limit of {3}.',
    args: [what, cost, `${(spent * 100n) / limit}`, top],
    comment: ['{0} is Today, This month, or a session; {1} is what it has cost'],
  });
}
