import { costOf, dollars, hourly } from '../money/cost';
import { gpuChoices, type GpuChoice } from '../money/gpus';
import type { Machine, Prices, Session } from '../model';
import { minutesText, timeOfDay } from './durations';

const MINUTE = 60_000;
/** A session's container is stopped after a day, whatever its deadline says. */
const DAY = 24 * 60;
export const CREATE_MINUTES: readonly number[] = [2, 15, 30, 60];
/** What a menu of lengths has selected at first. */
export const USUAL_MINUTES = 15;
export const EXTEND_MINUTES: readonly number[] = [1, 5, 10, 15, 30, 60];

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly description: string;
  /** A codicon before the label. */
  readonly icon?: string;
}

/** The machine's own GPU first, then from cheap to dear. */
export function gpuMenu(machine: Machine, prices: Prices | undefined): readonly Choice<string>[] {
  const choices = gpuChoices(prices, machine.gpu);
  const own = choices.filter(({ gpu }) => gpu === machine.gpu);
  const rest = choices.filter(({ gpu }) => gpu !== machine.gpu);
  return [...own.map((one) => gpuItem(one, true)), ...rest.map((one) => gpuItem(one, false))];
}

function gpuItem({ gpu, vram, price }: GpuChoice, isOwn: boolean): Choice<string> {
  const parts = [
    vram === undefined ? undefined : `${vram} GB`,
    price === undefined ? 'price unknown' : hourly(price),
    isOwn ? "this machine's own" : undefined,
  ];
  return { value: gpu, label: gpu, description: parts.filter((part) => part !== undefined).join(' · ') };
}

/** How long, with what it costs; the last choice is among them. */
export function lengthMenu(price: number | undefined, last: number | undefined): readonly Choice<number>[] {
  const lengths = new Set([...CREATE_MINUTES, ...(last === undefined ? [] : [last])]);
  return [...lengths]
    .sort((a, b) => a - b)
    .map((minutes) => ({
      value: minutes,
      label: minutesText(minutes),
      description: minutes === last ? `${costText(price, minutes)} · last time` : costText(price, minutes),
    }));
}

/** Any other length that was typed: whole minutes, at most a day. */
export function typedLength(text: string, price: number | undefined): Choice<number> | undefined {
  const minutes = wholeMinutes(text);
  if (minutes === undefined) return undefined;
  return { value: minutes, label: minutesText(minutes), description: costText(price, minutes) };
}

/** By how much, until when, for how much more. */
export function extendMenu(session: Session, price: number | undefined): readonly Choice<number>[] {
  return EXTEND_MINUTES.map((minutes) => extension(session, minutes, price));
}

/** `20` is minutes more; `15:40` is the new end, today or tomorrow. */
export function typedExtension(
  text: string,
  session: Session,
  now: number,
  price: number | undefined,
): Choice<number> | undefined {
  const minutes = wholeMinutes(text) ?? minutesUntil(text, session, now);
  return minutes === undefined ? undefined : extension(session, minutes, price);
}

function extension(session: Session, minutes: number, price: number | undefined): Choice<number> {
  const end = 'endsAt' in session ? `until ${timeOfDay(session.endsAt + minutes * MINUTE)} · ` : '';
  const cost = price === undefined ? costText(price, minutes) : `${costText(price, minutes)} more`;
  return { value: minutes, label: `${minutesText(minutes)} more`, description: `${end}${cost}` };
}

/**
 * Whole minutes from the session's end to the next time that a clock on the user's wall shows this; rounded up, so that
 * it is not too short. Looks at every minute, since on some days a wall clock shows a time twice or not at all.
 */
function minutesUntil(text: string, session: Session, now: number): number | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  if (!match || !('endsAt' in session)) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  const latest = session.endsAt + DAY * MINUTE;
  for (let at = now - (now % MINUTE) + MINUTE; at <= latest; at += MINUTE) {
    const wall = new Date(at);
    if (wall.getMinutes() !== minute || wall.getHours() !== hour) continue;
    const minutes = Math.ceil((at - session.endsAt) / MINUTE);
    return minutes > 0 ? minutes : undefined;
  }
  return undefined;
}

function wholeMinutes(text: string): number | undefined {
  const match = /^(\d{1,4})\s*(m|min|minutes?)?$/i.exec(text.trim());
  const minutes = Number(match?.[1]);
  return minutes >= 1 && minutes <= DAY ? minutes : undefined;
}

/** `about $0.31`, `price unknown`. */
export function costText(price: number | undefined, minutes: number): string {
  return price === undefined ? 'price unknown' : `about ${dollars(costOf(price, minutes * MINUTE))}`;
}
