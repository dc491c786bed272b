import * as vscode from 'vscode';
import { isShortOfTime } from '../core/guard/saving';
import { timeNeeded, type SaveProgress } from '../core/comfyui/savePace';
import type { SaveWishes } from '../core/comfyui/sessionSaver';
import type { Session } from '../core/model';
import { coarse, timeOfDay } from '../core/present/durations';
import type { Facts } from '../core/present/facts';
import { sessionTitle } from '../core/present/sessionText';
import { findSession } from '../core/state/snapshot';
import { runOnSession } from './commands';
import { warn, type Show } from './shown';

const EXTEND = 'Extend 15 min';

/** Offers more time, once for every end, if a session will be gone before its outputs are saved. */
export function watchTime(facts: () => Facts, { id }: Session): SaveWishes['progress'] {
  let offeredFor: number | undefined;
  return (progress) => {
    const { snapshot, now } = facts();
    const session = findSession(snapshot, id);
    if (session?.phase !== 'ready' || session.endsAt === offeredFor) return;
    if (!isShortOfTime(progress, session.endsAt - now)) return;
    offeredFor = session.endsAt;
    void offerTime(session, facts(), progress);
  };
}

async function offerTime(
  session: Extract<Session, { phase: 'ready' }>,
  facts: Facts,
  progress: SaveProgress,
): Promise<void> {
  const text = `${sessionTitle(session, facts.snapshot)} ends at ${timeOfDay(session.endsAt)}, before all of its outputs are saved: that takes about ${coarse(timeNeeded(progress) ?? 0)} more.`;
  if ((await warn(text, EXTEND)) !== EXTEND) return;
  await runOnSession('extendSession', session.id, { minutes: 15 });
}

const OPEN = 'Open Folder';

/** Says what came of a saving, and offers to look at it. */
export async function tellSaved(show: Show, text: string, place: string | undefined): Promise<void> {
  const chosen = await show(text, ...(place === undefined ? [] : [OPEN]));
  if (chosen === OPEN && place !== undefined)
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(place));
}
