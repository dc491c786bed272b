import * as l10n from '@vscode/l10n';
import type { Ended } from './snapshot';

export type HowOver = Ended['why'] | 'unknown';

/** Why a session is over: a headline and an explanation. */
export function overTexts(why: HowOver): readonly [headline: string, detail: string] {
  switch (why) {
    case 'asked':
      return [l10n.t('Session ended'), l10n.t('You ended it here. It is no longer billed.')];
    case 'deadline':
      return [l10n.t('Session ended'), l10n.t('Time ran out.')];
    case 'elsewhere':
      return [
        l10n.t('Session ended'),
        l10n.t('It ended elsewhere or while VS Code was closed. It is no longer billed.'),
      ];
    case 'failedToStart':
      return [l10n.t('Session failed to start'), l10n.t('ComfyDeploy gave up on it.')];
    case 'unknown':
      return [l10n.t('Session is over'), l10n.t("ComfyDeploy doesn't find it in this account.")];
  }
}

/** Both in one line. */
export function overText(why: HowOver): string {
  return overTexts(why).join('. ');
}
