import type { SessionId } from '../comfydeploy/model';
import type { SettingsReader } from '../platform/settings';
import type { Accrual, Spending } from './spending';

export type Period = 'session' | 'day' | 'month';
const PERIODS: readonly Period[] = ['session', 'day', 'month'];

/** What the user does not want to spend more than, billionths of a dollar; undefined is no ceiling. */
export type Ceilings = Readonly<Record<Period, bigint | undefined>>;

export const NO_CEILINGS: Ceilings = { session: undefined, day: undefined, month: undefined };

export function isNone(ceilings: Ceilings): boolean {
  return Object.values(ceilings).every((ceiling) => ceiling === undefined);
}

export function ceilingsFrom(settings: SettingsReader): Ceilings {
  return {
    session: ceilingFrom(settings.get<unknown>('maxCostPerSession', 0)),
    day: ceilingFrom(settings.get<unknown>('maxCostPerDay', 0)),
    month: ceilingFrom(settings.get<unknown>('maxCostPerMonth', 0)),
  };
}

/** Beyond this a number has no nine exact places left. */
const MOST_DOLLARS = 1e6;

/** Dollars as the user typed them into the settings, exact to the billionth; 0 and nonsense are no ceiling. */
export function ceilingFrom(dollars: unknown): bigint | undefined {
  if (typeof dollars !== 'number' || !(dollars > 0 && dollars <= MOST_DOLLARS)) return undefined;
  return BigInt(dollars.toFixed(9).replace('.', '')) || undefined;
}

/** A ceiling that something more would break. */
export interface Excess {
  readonly ceiling: Period;
  readonly limit: bigint;
  /** What it would come to in all, with what live sessions will still cost. */
  readonly figure: bigint;
}

/**
 * Which ceiling another cost would break, if any. All of it counts for today and this month, even where it runs past
 * them: a ceiling is better kept too early than too late.
 * @param extra billionths of a dollar. @param session the one that is extended; undefined for a new one.
 */
export function wouldExceed(
  spending: Pick<Spending, 'today' | 'month' | 'aheadToday' | 'aheadMonth' | 'sessions'>,
  ceilings: Ceilings,
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
  for (const [ceiling, figure] of figures) {
    const limit = ceilings[ceiling];
    if (limit !== undefined && figure > limit) return { ceiling, limit, figure };
  }
  return undefined;
}

/** So much of a ceiling is spent. */
export interface CeilingWarning {
  readonly ceiling: Period;
  readonly session: SessionId | undefined;
  readonly percent: Percent;
  readonly spent: bigint;
  readonly limit: bigint;
}

const PERCENTS = [100, 80, 50] as const;
export type Percent = (typeof PERCENTS)[number];

/** The highest share said of each ceiling and time; a ceiling that is changed begins anew. */
export type Said = ReadonlyMap<string, number>;

/** A session may be out of sight for a while: of so many it is known what was said, the last ones. */
const REMEMBERED = 50;

/** Which warnings are due: each share once, and the highest stands for those skipped. */
export function due(
  before: Said,
  spending: Pick<Spending, 'today' | 'month' | 'dayStart' | 'monthStart' | 'sessions'>,
  ceilings: Ceilings,
): { readonly said: Said; readonly warnings: readonly CeilingWarning[] } {
  const { today, month, dayStart, monthStart, sessions } = spending;
  const amounts = [
    { ceiling: 'day', session: undefined, of: dayStart.toString(), spent: today },
    { ceiling: 'month', session: undefined, of: monthStart.toString(), spent: month },
    ...[...sessions].map(([id, { soFar }]) => ({ ceiling: 'session', session: id, of: id, spent: soFar }) as const),
  ] as const;
  const isInForce = (key: string) =>
    PERIODS.some((one) => key.startsWith(`${one} `) && key.endsWith(` ${ceilings[one]}`));
  const said = new Map([...before].filter(([key]) => isInForce(key)).slice(-REMEMBERED));
  const warnings: CeilingWarning[] = [];
  for (const { ceiling, session, of, spent } of amounts) {
    const limit = ceilings[ceiling];
    if (limit === undefined) continue;
    const key = `${ceiling} ${of} ${limit}`;
    const known = before.get(key) ?? 0;
    const percent = PERCENTS.find((one) => spent * 100n >= limit * BigInt(one));
    const isDue = percent !== undefined && percent > known;
    if (isDue) warnings.push({ ceiling, session, percent, spent, limit });
    const highest = isDue ? percent : known;
    said.delete(key); // the last in line
    if (highest > 0) said.set(key, highest);
  }
  return { said, warnings };
}

function wholeOf(accrual: Accrual | undefined): bigint {
  return accrual === undefined ? 0n : accrual.soFar + accrual.ahead;
}
