import type { SessionId } from '../comfydeploy/model';
import type { SettingsReader } from '../platform/settings';
import type { Accrual, Spending } from './spending';

export type Period = 'session' | 'day' | 'month';
const PERIODS: readonly Period[] = ['session', 'day', 'month'];

/** What the user does not want to spend more than, billionths of a dollar; undefined is no limit. */
export type SpendingLimits = Readonly<Record<Period, bigint | undefined>>;

export const NO_SPENDING_LIMITS: SpendingLimits = { session: undefined, day: undefined, month: undefined };

export function isNone(limits: SpendingLimits): boolean {
  return Object.values(limits).every((limit) => limit === undefined);
}

export function spendingLimitsFrom(settings: SettingsReader): SpendingLimits {
  return {
    session: spendingLimitFrom(settings.get<unknown>('maxCostPerSession', 0)),
    day: spendingLimitFrom(settings.get<unknown>('maxCostPerDay', 0)),
    month: spendingLimitFrom(settings.get<unknown>('maxCostPerMonth', 0)),
  };
}

/** Larger numbers lack nine exact decimal places. */
const MOST_DOLLARS = 1e6;

/** Dollars as typed into the settings, exact to the billionth; 0 and invalid values mean no limit. */
export function spendingLimitFrom(dollars: unknown): bigint | undefined {
  if (typeof dollars !== 'number' || !(dollars > 0 && dollars <= MOST_DOLLARS)) return undefined;
  return BigInt(dollars.toFixed(9).replace('.', '')) || undefined;
}

/** A spending limit that an additional cost would exceed. */
export interface Excess {
  readonly period: Period;
  readonly limit: bigint;
  /** The total including it and what live sessions will still cost. */
  readonly figure: bigint;
}

/**
 * Which spending limit an additional cost would exceed, if any. All of it counts for today and this month, even if it
 * reaches beyond them: a limit is better enforced too early than too late.
 * @param extra billionths of a dollar. @param session the one that is extended; undefined for a new one.
 */
export function wouldExceed(
  spending: Pick<Spending, 'today' | 'month' | 'aheadToday' | 'aheadMonth' | 'sessions'>,
  limits: SpendingLimits,
  extra: bigint,
  session?: SessionId,
): Excess | undefined {
  if (extra <= 0n) return undefined;
  const own = session === undefined ? undefined : spending.sessions.get(session);
  const figures = [
    ['session', wholeOf(own) + extra],
    ['day', spending.today + spending.aheadToday + extra],
    ['month', spending.month + spending.aheadMonth + extra],
  ] as const;
  for (const [period, figure] of figures) {
    const limit = limits[period];
    if (limit !== undefined && figure > limit) return { period, limit, figure };
  }
  return undefined;
}

/** A share of a spending limit that was reached. */
export interface SpendingLimitWarning {
  readonly period: Period;
  readonly session: SessionId | undefined;
  readonly percent: Percent;
  readonly spent: bigint;
  readonly limit: bigint;
}

const PERCENTS = [100, 80, 50] as const;
export type Percent = (typeof PERCENTS)[number];

/** The highest share announced for each limit and period; a changed limit starts again. */
export type Said = ReadonlyMap<string, number>;

/** How many announcements are remembered, since a session may be missing from the snapshot for a while. */
const REMEMBERED = 50;

/** Which warnings are due: each share once; of several reached at the same time, only the highest. */
export function due(
  before: Said,
  spending: Pick<Spending, 'today' | 'month' | 'dayStart' | 'monthStart' | 'sessions'>,
  limits: SpendingLimits,
): { readonly said: Said; readonly warnings: readonly SpendingLimitWarning[] } {
  const { today, month, dayStart, monthStart, sessions } = spending;
  const amounts = [
    { period: 'day', session: undefined, of: dayStart.toString(), spent: today },
    { period: 'month', session: undefined, of: monthStart.toString(), spent: month },
    ...[...sessions].map(([id, { soFar }]) => ({ period: 'session', session: id, of: id, spent: soFar }) as const),
  ] as const;
  const isInForce = (key: string) =>
    PERIODS.some((one) => key.startsWith(`${one} `) && key.endsWith(` ${limits[one]}`));
  const said = new Map([...before].filter(([key]) => isInForce(key)).slice(-REMEMBERED));
  const warnings: SpendingLimitWarning[] = [];
  for (const { period, session, of, spent } of amounts) {
    const limit = limits[period];
    if (limit === undefined) continue;
    const key = `${period} ${of} ${limit}`;
    const known = before.get(key) ?? 0;
    const percent = PERCENTS.find((one) => spent * 100n >= limit * BigInt(one));
    const isDue = percent !== undefined && percent > known;
    if (isDue) warnings.push({ period, session, percent, spent, limit });
    const highest = isDue ? percent : known;
    said.delete(key); // moves it to the end
    if (highest > 0) said.set(key, highest);
  }
  return { said, warnings };
}

function wholeOf(accrual: Accrual | undefined): bigint {
  return accrual === undefined ? 0n : accrual.soFar + accrual.ahead;
}
