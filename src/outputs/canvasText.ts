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
  if (shown === 0) {
    const loss = l10n.t('Unsaved changes in ComfyUI will be lost and running renders stopped.');
    return canvases.includes('unseen') && sessions.length === 1 ? `${unseenText()} ${loss}` : loss;
  }
  const loss = l10n.t('Other unsaved changes in ComfyUI will be lost and running renders stopped.');
  return `${savedText(shown, sessions.length)} ${loss}`;
}

function savedText(shown: number, all: number): string {
  if (all === 1) return l10n.t('What its tab shows is saved too.');
  if (shown === all) return l10n.t('What their tabs show is saved too.');
  return shown === 1
    ? l10n.t('What the tab of 1 of them shows is saved too.')
    : l10n.t('What the tabs of {0} of them show is saved too.', shown);
}
