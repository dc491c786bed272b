import type { GuardRules } from '../../src/guardian/guardRules';
import { NO_WISH } from '../../src/sessions/preferences';

/** As the settings are from the beginning, but for warnings, and with nothing wished. */
export const USUAL_RULES: GuardRules = {
  usual: NO_WISH,
  keepAliveUpTo: 60,
  watchOthers: false,
  lease: { minutes: 15, mostHours: 4 },
  saveBeforeEnd: false,
};
