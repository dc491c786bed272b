import * as l10n from '@vscode/l10n';
import type { Choice, Typed } from '../platform/choice';
import type { Session } from '../comfydeploy/model';
import { minutesText } from '../platform/durations';
import { MINUTE } from '../platform/units';
import type { SpendingLimits } from './spendingLimits';
import { leaseChoice, lengthMenu, type LeaseOffer, type Length } from './menus';
import { exampleTime, hint } from './typedChoices';
import { FREE_MINUTES, minutesOnFreePlan } from './plan';
import type { Spending } from './spending';

export interface LengthsInput {
  readonly spending: Pick<Spending, 'balance'>;
  readonly limits: {
    readonly spendingLimits: Pick<SpendingLimits, 'session'>;
    readonly lease: Pick<LeaseOffer, 'minutes' | 'mostHours'>;
  };
}

/** The lengths that the plan allows for a new session. @param last the user's last choice. */
export function lengthChoices(
  price: number | undefined,
  last: Length | undefined,
  { spending: { balance }, limits: { spendingLimits, lease } }: LengthsInput,
  isFree: boolean,
): readonly Choice<Length>[] {
  const mostHours = isFree ? Math.min(lease.mostHours, minutesOnFreePlan(balance) / 60) : lease.mostHours;
  const leased = leaseChoice(
    price,
    { ...lease, mostHours, spendingLimit: spendingLimits.session, balance },
    last === 'lease',
  );
  const fixed = lengthMenu(price, typeof last === 'number' ? last : undefined, balance);
  return [leased, ...fixed.filter(({ value }) => !isFree || value <= FREE_MINUTES)];
}

/**
 * A placeholder has one line of about 85 characters. On the free plan it names the limit. @param now server time, ms.
 */
export function lengthQuestion(now: number, balance: bigint | undefined, isFree: boolean): string {
  if (isFree) return `${l10n.t('For how long?')} ${planText(balance)}`;
  return l10n.t({
    message: 'For how long? Choose, or type 1h30 or {0}.',
    args: [exampleTime(now)],
    comment: ['{0} is a time of day; 1h30 stays'],
  });
}

/** What the user typed if the plan allows it, or why it is too long. */
export function typedWithinPlan(typed: Typed<number>, balance: bigint | undefined, isFree: boolean): Typed<number> {
  return isFree ? upTo(FREE_MINUTES, typed, planText(balance)) : typed;
}

/** The same for an extension by at most so many minutes. */
export function extensionWithinPlan(typed: Typed<number>, most: number): Typed<number> {
  return upTo(most, typed, freePlanText());
}

/** By how much the plan lets a session be extended, minutes. @param planMinutes how long it may last in all. */
export function extensionLeft(session: Session, planMinutes: number): number {
  const { createdAt } = session;
  const lasts = 'endsAt' in session && createdAt !== undefined ? (session.endsAt - createdAt) / MINUTE : 0;
  return planMinutes - lasts;
}

/** Those of at most so many minutes. */
export function fitting(choices: readonly Choice<number>[], most: number): readonly Choice<number>[] {
  return choices.filter(({ value }) => value <= most);
}

function upTo(most: number, { choices, ...typed }: Typed<number>, why: string): Typed<number> {
  const fit = fitting(choices, most);
  return fit.length === 0 && choices.length > 0 ? hint(why) : { ...typed, choices: fit };
}

function planText(balance: bigint | undefined): string {
  return Number.isFinite(minutesOnFreePlan(balance))
    ? freePlanText()
    : l10n.t('On the free plan, a session starts with {0} at most.', minutesText(FREE_MINUTES));
}

export function freePlanText(): string {
  return l10n.t('On the free plan, a session lasts {0} at most.', minutesText(FREE_MINUTES));
}
