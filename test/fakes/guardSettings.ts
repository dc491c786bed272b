import type { GuardSettings } from '../../src/guardian/guardSettings';
import type { GuardPreferences } from '../../src/sessions/preferences';

export const NO_PREFERENCES: GuardPreferences = {
  keepAlive: false,
  endWhenIdle: undefined,
  finishThenEnd: false,
  endAt: undefined,
  lease: undefined,
};

/** The default settings, except for warnings; no preferences. */
export const USUAL_SETTINGS: GuardSettings = {
  usual: NO_PREFERENCES,
  keepAliveUpTo: 60,
  watchOthers: false,
  lease: { minutes: 15, mostHours: 4 },
  saveBeforeEnd: false,
  saveAsTheyFinish: false,
  savesOutputs: false,
};
