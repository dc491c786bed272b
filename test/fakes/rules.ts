import type { GuardRules } from '../../src/guardian/guardRules';
import type { Wish } from '../../src/sessions/preferences';

export const NO_WISH: Wish = {
  keepAlive: false,
  endWhenIdle: undefined,
  finishThenEnd: false,
  endAt: undefined,
  lease: undefined,
};

/** As the settings are from the beginning, but for warnings, and with nothing wished. */
export const USUAL_RULES: GuardRules = {
  usual: NO_WISH,
  keepAliveUpTo: 60,
  watchOthers: false,
  lease: { minutes: 15, mostHours: 4 },
  saveBeforeEnd: false,
};
