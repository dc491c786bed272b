import * as z from 'zod/mini';
import type { SettingsReader } from '../platform/settings';
import type { GuardInput, LeaseSettings } from './guardInput';
import type { EndAt, GuardPreferences } from '../sessions/preferences';
import { minutesOfDay } from '../platform/wallClock';

/** The user's settings for all sessions. */
export type GuardSettings = GuardInput['guardSettings'] & {
  readonly usual: GuardPreferences;
  /** Save outputs automatically before an end. */
  readonly saveBeforeEnd: boolean;
  /** Also save them whenever a run finishes. */
  readonly saveAsTheyFinish: boolean;
  /** Whether that can happen: a folder is set. */
  readonly savesOutputs: boolean;
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

/** When outputs are saved automatically. The setting of older versions counts until it is migrated. */
function savingFrom(
  settings: SettingsReader,
): Pick<GuardSettings, 'saveBeforeEnd' | 'saveAsTheyFinish' | 'savesOutputs'> {
  const when = settings.get<unknown>('saveOutputs', 'off');
  const saveAsTheyFinish = when === 'asTheyFinish';
  const saveBeforeEnd = saveAsTheyFinish || when === 'atEnd' || settings.get<unknown>('saveBeforeEnd', false) === true;
  return {
    saveAsTheyFinish,
    saveBeforeEnd,
    savesOutputs: saveBeforeEnd && settings.get<unknown>('outputsFolder', '') !== '',
  };
}

/**
 * Minutes before the end at which the user wants to be warned. Invalid values mean no warnings, and break nothing else.
 */
export function warnAtFrom(settings: SettingsReader): readonly number[] {
  return Minutes.safeParse(settings.get<unknown>('warnBeforeEnd', [])).data ?? [];
}

/** `18:00`; undefined if it is not a time of day. */
function endAtFrom(settings: SettingsReader): EndAt | undefined {
  const text = settings.get<unknown>('endAt', '');
  const minutes = typeof text === 'string' ? minutesOfDay(text) : undefined;
  return minutes === undefined ? undefined : { kind: 'daily', minutes };
}

/** A session needs some minutes to start, and no container lives longer than a day. */
export const LEASE = {
  minutes: { least: 5, most: 120, usual: 15 },
  hours: { least: 1 / 60, most: 24, usual: 4 },
} as const;

/** Invalid values count as not set. */
export function leaseSettings(settings: SettingsReader): LeaseSettings {
  const { minutes, hours } = LEASE;
  return {
    minutes: Math.round(within(settings.get<unknown>('lease.minutes', minutes.usual), minutes)),
    mostHours: within(settings.get<unknown>('lease.most', hours.usual), hours),
  };
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

function within(value: unknown, { least, most, usual }: Bounds): number {
  return typeof value === 'number' && value > 0 ? Math.min(most, Math.max(least, value)) : usual;
}

/** Invalid values count as 0, so that nothing costs money or ends because of them. */
function minutesOf(settings: SettingsReader, name: string): number {
  return Some.safeParse(settings.get<unknown>(name, 0)).data ?? 0;
}

/** Whether to warn of the ends of other members' sessions too. */
export function watchOthersFrom(settings: SettingsReader): boolean {
  return settings.get('watchOthers', false);
}
