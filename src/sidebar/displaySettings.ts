import { warnAtFrom, watchOthersFrom } from '../guardian/guardSettings';
import type { SettingsReader } from '../platform/settings';

const UNAVAILABLE = 'showUnavailableMachines';

/** What the user wants to see. */
export interface DisplaySettings {
  /** Also show machines that cannot host sessions. */
  readonly showUnavailable: boolean;
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: readonly number[];
  /** Also count other members' sessions. */
  readonly watchOthers: boolean;
}

export function displaySettings(settings: SettingsReader): DisplaySettings {
  return {
    showUnavailable: settings.get(UNAVAILABLE, true),
    warnAt: warnAtFrom(settings),
    watchOthers: watchOthersFrom(settings),
  };
}

/** Toggles the setting. */
export async function toggleUnavailable(
  settings: SettingsReader & { set(name: string, value: boolean): Promise<void> },
): Promise<void> {
  await settings.set(UNAVAILABLE, !settings.get(UNAVAILABLE, true));
}
