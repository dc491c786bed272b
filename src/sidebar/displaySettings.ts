import { warnAtFrom, watchOthersFrom } from '../guardian/guardSettings';
import type { SettingsReader } from '../platform/settings';

const UNAVAILABLE = 'showUnavailableMachines';

/** What the user wants to see. */
export interface DisplaySettings {
  /** Machines that cannot host sessions are shown, too. */
  readonly showUnavailable: boolean;
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: readonly number[];
  /** The sessions of others count, too. */
  readonly watchOthers: boolean;
}

export function displaySettings(settings: SettingsReader): DisplaySettings {
  return {
    showUnavailable: settings.get(UNAVAILABLE, true),
    warnAt: warnAtFrom(settings),
    watchOthers: watchOthersFrom(settings),
  };
}

/** The other way round from now on. */
export async function toggleUnavailable(
  settings: SettingsReader & { set(name: string, value: boolean): Promise<void> },
): Promise<void> {
  await settings.set(UNAVAILABLE, !settings.get(UNAVAILABLE, true));
}
