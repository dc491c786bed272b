import * as l10n from '@vscode/l10n';
import type { Session, SessionId } from '../comfydeploy/model';

/**
 * Whether the canvas of a session's page can be read: in its tab; not yet, since the tab was not shown after a reload;
 * or nowhere.
 */
export type Canvas = 'shown' | 'unseen' | 'none';

export function unseenText(): string {
  return l10n.t("What its tab shows can't be saved until you look at the tab, because the window was reloaded.");
}

export interface Canvases {
  readonly canvasOf: (id: SessionId) => Canvas;
}

/** What happens to the canvases when outputs are saved and sessions end. */
export function canvasText(tabs: Canvases, sessions: readonly Session[]): string {
  const canvases = sessions.map(({ id }) => tabs.canvasOf(id));
  const shown = canvases.filter((canvas) => canvas === 'shown').length;
  const loss = l10n.t('Anything else unsaved in ComfyUI will be lost and running renders stopped.');
  if (shown === 0) {
    return canvases.includes('unseen') && sessions.length === 1 ? `${unseenText()} ${loss}` : loss;
  }
  return `${savedText(shown, sessions.length)} ${loss}`;
}

function savedText(shown: number, all: number): string {
  return all === 1
    ? l10n.t('What its tab shows is saved too.')
    : l10n.t('Tabs whose contents are saved too: {0} of {1}.', shown, all);
}
