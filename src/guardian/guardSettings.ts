import * as z from 'zod/mini';
import type { SettingsReader } from '../platform/settings';
import type { GuardInput, LeaseSettings } from './guardInput';
import type { EndAt, GuardPreferences } from '../sessions/preferences';
import { minutesOfDay } from '../platform/wallClock';

/** The user's settings for all sessions. */
export type GuardSettings = GuardInput['guardSettings'] & {
  readonly usual: GuardPreferences;
  /** Outputs are saved unasked. */
  readonly saveBeforeEnd: boolean;
  /** And not only before an end. */
  readonly saveAsTheyFinish: boolean;
};

const Some = z.lazy(() => z.number().check(z.positive()));
const Minutes = z.lazy(() => z.array(Some));

export function guardSettingsFrom(settings: SettingsReader): GuardSettings {
  const idle = minutesOf(settings, 'endWhenIdleAfter');
  return {
    usual: {
      keepAlive: settings.get('keepAliveWhileRendering', false),
      endWhenIdle: idle === 0 ? undefined : idle,
      finishThenEnd: false,
      endAt: endAtFrom(settings),
      lease: undefined,
    },
    lease: leaseSettings(settings),
    keepAliveUpTo: minutesOf(settings, 'keepAliveUpTo'),
    watchOthers: watchOthersFrom(settings),
    ...savingFrom(settings),
  };
}

/** When outputs are saved unasked. A setting of older versions counts until it is carried over. */
function savingFrom(settings: SettingsReader): Pick<GuardSettings, 'saveBeforeEnd' | 'saveAsTheyFinish'> {
  const when = settings.get<unknown>('saveOutputs', 'off');
  const saveAsTheyFinish = when === 'asTheyFinish';
  const saveBeforeEnd = saveAsTheyFinish || when === 'atEnd' || settings.get<unknown>('saveBeforeEnd', false) === true;
  return { saveAsTheyFinish, saveBeforeEnd };
}

/**
 * Minutes before the end at which the user wants to be warned. Settings are the user's typing: what is no list of minutes
 * warns of nothing rather than breaking the rest.
 */
export function warnAtFrom(settings: SettingsReader): readonly number[] {
  return Minutes.safeParse(settings.get<unknown>('warnBeforeEnd', [])).data ?? [];
}

/** `18:00`; what is no time of day is none. */
function endAtFrom(settings: SettingsReader): EndAt | undefined {
  const text = settings.get<unknown>('endAt', '');
  const minutes = typeof text === 'string' ? minutesOfDay(text) : undefined;
  return minutes === undefined ? undefined : { kind: 'daily', minutes };
}

/** A session needs some minutes to start, and no container lives for longer than a day. */
const LEASE = { minutes: { least: 5, most: 120, usual: 15 }, hours: { least: 1 / 60, most: 24, usual: 4 } } as const;

/** What makes no sense is as if it were not set. */
export function leaseSettings(settings: SettingsReader): LeaseSettings {
  const { minutes, hours } = LEASE;
  return {
    minutes: Math.round(within(settings.get<unknown>('lease.minutes', minutes.usual), minutes)),
    mostHours: within(settings.get<unknown>('lease.most', hours.usual), hours),
  };
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

function within(value: unknown, { least, most, usual }: Bounds): number {
  return typeof value === 'number' && value > 0 ? Math.min(most, Math.max(least, value)) : usual;
}

/** What makes no sense counts as none: nothing is done then that costs money, or ends anything. */
function minutesOf(settings: SettingsReader, name: string): number {
  return Some.safeParse(settings.get<unknown>(name, 0)).data ?? 0;
}

/** Whether one is warned of the ends of colleagues' sessions, too. */
export function watchOthersFrom(settings: SettingsReader): boolean {
  return settings.get('watchOthers', false);
}
