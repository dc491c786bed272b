import * as l10n from '@vscode/l10n';
import type { Choice } from '../platform/choice';
import { minutesText } from '../platform/durations';
import type { Ceilings } from './ceilings';
import { leaseChoice, lengthMenu, type LeaseOffer, type Length } from './menus';
import { FREE_MINUTES, hoursOnFreePlan } from './plan';
import type { Spending } from './spending';

export interface LengthsInput {
  readonly spending: Pick<Spending, 'balance'>;
  readonly limits: {
    readonly ceilings: Pick<Ceilings, 'session'>;
    readonly lease: Pick<LeaseOffer, 'minutes' | 'mostHours'>;
  };
}

/** How long a new session may be rented, as far as the plan goes. @param last what was chosen last time. */
export function lengthChoices(
  price: number | undefined,
  last: Length | undefined,
  { spending: { balance }, limits: { ceilings, lease } }: LengthsInput,
  isFree: boolean,
): readonly Choice<Length>[] {
  const mostHours = isFree ? Math.min(lease.mostHours, hoursOnFreePlan(balance)) : lease.mostHours;
  const leased = leaseChoice(price, { ...lease, mostHours, ceiling: ceilings.session, balance }, last === 'lease');
  const fixed = lengthMenu(price, typeof last === 'number' ? last : undefined, balance);
  return [leased, ...fixed.filter(({ value }) => !isFree || value <= FREE_MINUTES)];
}

/** What the free plan allows, after a question. */
export function withPlan(question: string, balance: bigint | undefined, isFree: boolean): string {
  if (!isFree) return question;
  const minutes = minutesText(FREE_MINUTES);
  const limit = Number.isFinite(hoursOnFreePlan(balance))
    ? l10n.t('On the free plan, a session lasts {0} at most.', minutes)
    : l10n.t('On the free plan, a session starts with {0} at most.', minutes);
  return `${question} ${limit}`;
}
