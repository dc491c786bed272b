import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { SessionId } from '../../comfydeploy/model';
import { doubtText, type DoubtTextInput } from '../doubtText';
import { doubtOf } from '../doubt';
import { findSession } from '../snapshot';
import { runOnSession } from './runOnSession';
import type { Settings } from '../../platform/ui/settings';
import { warn } from '../../platform/ui/shown';

/** Announces a container that runs on although its session was closed: what it costs and what can be done. */
export async function announceLeak(
  appState: () => DoubtTextInput,
  settings: Pick<Settings, 'dashboardPage'>,
  id: SessionId,
): Promise<void> {
  const known = appState();
  const session = findSession(known.snapshot, id);
  const doubt = doubtOf(session);
  if (!session || !doubt) return;
  const [dashboard, copy] = [l10n.t('Open Dashboard'), l10n.t('Copy Session ID')];
  const chosen = await warn(doubtText(session, doubt, known), dashboard, copy);
  if (chosen === copy) await runOnSession('copySessionId', id);
  if (chosen === dashboard) await vscode.env.openExternal(settings.dashboardPage('/sessions'));
}

/** Explains why ends that were just requested are not proven; undefined if there is nothing to explain. */
export function unprovenText(ids: readonly SessionId[], input: DoubtTextInput): string | undefined {
  const sessions = ids.map((id) => findSession(input.snapshot, id));
  for (const session of sessions) {
    const doubt = doubtOf(session);
    if (session && doubt && doubt.kind !== 'leaked') return doubtText(session, doubt, input);
  }
  return undefined;
}
