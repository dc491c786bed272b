import * as l10n from '@vscode/l10n';
import { costOf } from './cost';
import { about, dollars, hourly } from '../platform/dollars';
import { gpuChoices, type GpuChoice } from './gpus';
import type { Machine, Prices, Session } from '../comfydeploy/model';
import type { Choice } from '../platform/choice';
import { endTime, minutesText } from '../platform/durations';
import { MINUTE } from '../platform/units';

export const CREATE_MINUTES: readonly number[] = [2, 15, 30, 60];
/** Preselected in a menu of lengths. */
export const USUAL_MINUTES = 15;
export const EXTEND_MINUTES: readonly number[] = [1, 5, 10, 15, 30, 60];

/** How long a new session is rented: minutes, or a lease that is renewed while the session is in use. */
export type Length = number | 'lease';

/** The terms of a lease. */
export interface LeaseOffer {
  readonly minutes: number;
  readonly mostHours: number;
  /** The spending limit for one session, billionths of a dollar. */
  readonly spendingLimit: bigint | undefined;
  readonly balance: bigint | undefined;
}

/** The lease, with its highest cost. */
export function leaseChoice(price: number | undefined, offer: LeaseOffer, isLast: boolean): Choice<Length> {
  const { minutes, mostHours, balance } = offer;
  const last = isLast ? ` · ${l10n.t('last time')}` : '';
  return {
    value: 'lease',
    label: l10n.t('As long as I use it'),
    description: withShort(`${leaseOfferText(price, offer)}${last}`, price, Math.max(minutes, mostHours * 60), balance),
  };
}

/** `renewed 15 min at a time, at most 4 h or about $4.84`. */
function leaseOfferText(price: number | undefined, { minutes, mostHours, spendingLimit }: LeaseOffer): string {
  const [each, most] = [minutesText(minutes), minutesText(Math.round(mostHours * 60))];
  const all = price === undefined ? undefined : costOf(price, mostHours * 60 * MINUTE);
  const isLimited = spendingLimit !== undefined && (all === undefined || spendingLimit < all);
  if (all === undefined && !isLimited)
    return `${l10n.t('renewed {0} at a time, at most {1}', each, most)} · ${costText(price, minutes)}`;
  const cost = isLimited ? dollars(spendingLimit) : about(all ?? 0n);
  return l10n.t({
    message: 'renewed {0} at a time, at most {1} or {2}',
    args: [each, most, cost],
    comment: ['{0} and {1} are lengths of time, {2} is a cost: whichever comes first'],
  });
}

/** The machine's default GPU first, then from cheap to expensive. */
export function gpuMenu(machine: Machine, prices: Prices | undefined): readonly Choice<string>[] {
  const choices = gpuChoices(prices, machine.gpu);
  const own = choices.filter(({ gpu }) => gpu === machine.gpu);
  const rest = choices.filter(({ gpu }) => gpu !== machine.gpu);
  return [...own.map((one) => gpuItem(one, true)), ...rest.map((one) => gpuItem(one, false))];
}

export function isOffered(machine: Machine, gpu: string | undefined, prices: Prices | undefined): boolean {
  return gpuChoices(prices, machine.gpu).some((choice) => choice.gpu === gpu);
}

function gpuItem(choice: GpuChoice, isOwn: boolean): Choice<string> {
  return { value: choice.gpu, label: choice.gpu, description: gpuText(choice, isOwn) };
}

/** `24 GB · $1.21/h · machine default`. */
export function gpuText({ vram, price }: GpuChoice, isOwn: boolean): string {
  const parts = [
    vram === undefined ? undefined : l10n.t('{0} GB', vram),
    price === undefined ? l10n.t('price unknown') : hourly(price),
    isOwn ? l10n.t('machine default') : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Lengths with their cost, including the last choice. */
export function lengthMenu(
  price: number | undefined,
  last: number | undefined,
  balance?: bigint,
): readonly Choice<number>[] {
  const lengths = new Set([...CREATE_MINUTES, ...(last === undefined ? [] : [last])]);
  return [...lengths]
    .sort((a, b) => a - b)
    .map((minutes) => ({
      value: minutes,
      label: minutesText(minutes),
      description: withShort(
        minutes === last ? `${costText(price, minutes)} · ${l10n.t('last time')}` : costText(price, minutes),
        price,
        minutes,
        balance,
      ),
    }));
}

/** Extensions with their new end and cost. */
export function extendMenu(
  session: Session,
  now: number,
  price: number | undefined,
  balance?: bigint,
): readonly Choice<number>[] {
  return EXTEND_MINUTES.map((minutes) => extension(session, minutes, now, price, balance));
}

/** One extension. */
export function extension(
  session: Session,
  minutes: number,
  now: number,
  price: number | undefined,
  balance?: bigint,
): Choice<number> {
  const end = 'endsAt' in session ? `${untilText(session.endsAt + minutes * MINUTE, now)} · ` : '';
  const cost = price === undefined ? costText(price, minutes) : l10n.t('{0} more', costText(price, minutes));
  return {
    value: minutes,
    label: l10n.t('{0} more', minutesText(minutes)),
    description: withShort(`${end}${cost}`, price, minutes, balance),
  };
}

/** `until 15:40`, `until tomorrow at 15:40`. */
export function untilText(at: number, now: number): string {
  return l10n.t({
    message: 'until {0}',
    args: [endTime(at, now)],
    comment: ['{0} is a time, a day and a time, or a date and a time'],
  });
}

/**
 * `only about $3.00 of credit left`, if the credit is known and less than the cost. @param balance billionths of a
 * dollar.
 */
export function shortText(price: number | undefined, minutes: number, balance: bigint | undefined): string | undefined {
  if (price === undefined || balance === undefined || costOf(price, minutes * MINUTE) <= balance) return undefined;
  return balance > 0n ? l10n.t('only {0} of credit left', about(balance)) : l10n.t('no credit left');
}

/** Appends the same to the text of a row. */
export function withShort(text: string, price: number | undefined, minutes: number, balance?: bigint): string {
  const short = shortText(price, minutes, balance);
  return short === undefined ? text : `${text} · ${short}`;
}

/** `about $0.31`, `price unknown`. */
export function costText(price: number | undefined, minutes: number): string {
  return price === undefined ? l10n.t('price unknown') : about(costOf(price, minutes * MINUTE));
}
