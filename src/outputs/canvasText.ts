import type { Session, SessionId } from '../comfydeploy/model';

/** Whether what a session's page draws can be read: in its tab; not before that was shown, after a reload; or nowhere. */
export type Canvas = 'shown' | 'unseen' | 'none';

export const UNSEEN =
  'What its tab shows cannot be saved before you have looked at the tab, since the window was loaded anew.';
const LOSS = 'other changes in ComfyUI that are not saved are lost, and a running render stops';

export interface Canvases {
  readonly canvasOf: (id: SessionId) => Canvas;
}

/** What becomes of that when their outputs are saved, and they end. */
export function canvasText(tabs: Canvases, sessions: readonly Session[]): string {
  const canvases = sessions.map(({ id }) => tabs.canvasOf(id));
  const shown = canvases.filter((canvas) => canvas === 'shown').length;
  if (shown === 0) {
    const unseen = canvases.includes('unseen') && sessions.length === 1 ? `${UNSEEN} ` : '';
    return `${unseen}Changes in ComfyUI that are not saved are lost, and a running render stops.`;
  }
  if (sessions.length === 1) return `What its tab shows is saved, too; ${LOSS}.`;
  const which = shown === sessions.length ? 'their tabs show' : `the tabs of ${shown} of them show`;
  return `What ${which} is saved, too; ${LOSS}.`;
}
