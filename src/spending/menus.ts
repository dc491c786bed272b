import * as l10n from '@vscode/l10n';
import { costOf } from './cost';
import { about, hourly } from '../platform/dollars';
import { gpuChoices, type GpuChoice } from './gpus';
import type { Machine, Prices, Session } from '../comfydeploy/model';
import type { Choice } from '../platform/choice';
import { endTime, minutesText } from '../platform/durations';

const MINUTE = 60_000;
export const CREATE_MINUTES: readonly number[] = [2, 15, 30, 60];
/** What a menu of lengths has selected at first. */
export const USUAL_MINUTES = 15;
export const EXTEND_MINUTES: readonly number[] = [1, 5, 10, 15, 30, 60];

/** The machine's own GPU first, then from cheap to dear. */
export function gpuMenu(machine: Machine, prices: Prices | undefined): readonly Choice<string>[] {
  const choices = gpuChoices(prices, machine.gpu);
  const own = choices.filter(({ gpu }) => gpu === machine.gpu);
  const rest = choices.filter(({ gpu }) => gpu !== machine.gpu);
  return [...own.map((one) => gpuItem(one, true)), ...rest.map((one) => gpuItem(one, false))];
}

function gpuItem({ gpu, vram, price }: GpuChoice, isOwn: boolean): Choice<string> {
  const parts = [
    vram === undefined ? undefined : l10n.t('{0} GB', vram),
    price === undefined ? l10n.t('price unknown') : hourly(price),
    isOwn ? l10n.t('machine default') : undefined,
  ];
  return { value: gpu, label: gpu, description: parts.filter((part) => part !== undefined).join(' · ') };
}

/** How long, with what it costs; the last choice is among them. */
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

/** By how much, until when, for how much more. */
export function extendMenu(
  session: Session,
  now: number,
  price: number | undefined,
  balance?: bigint,
): readonly Choice<number>[] {
  return EXTEND_MINUTES.map((minutes) => extension(session, minutes, now, price, balance));
}

/** One of them. */
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

/** `only about $3.00 of credit left`, where that is known and less than the cost. @param balance billionths of a dollar. */
export function shortText(price: number | undefined, minutes: number, balance: bigint | undefined): string | undefined {
  if (price === undefined || balance === undefined || costOf(price, minutes * MINUTE) <= balance) return undefined;
  return balance > 0n ? l10n.t('only {0} of credit left', about(balance)) : l10n.t('no credit left');
}

/** The same after the other words of a row. */
export function withShort(text: string, price: number | undefined, minutes: number, balance?: bigint): string {
  const short = shortText(price, minutes, balance);
  return short === undefined ? text : `${text} · ${short}`;
}

/** `about $0.31`, `price unknown`. */
export function costText(price: number | undefined, minutes: number): string {
  return price === undefined ? l10n.t('price unknown') : about(costOf(price, minutes * MINUTE));
}
