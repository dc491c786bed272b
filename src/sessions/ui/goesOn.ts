import * as l10n from '@vscode/l10n';
import type { SessionId } from '../../comfydeploy/model';
import { warn } from '../../platform/ui/shown';
import { theSession } from '../sessionText';
import { findSession, type Snapshot } from '../snapshot';
import { runOnSession } from './runOnSession';

export interface GoingOnInput {
  readonly snapshot: Snapshot;
}

/**
 * Announces a session whose end the user requested long ago: the request never got through, and the session now
 * renders.
 */
export function announceGoingOn(appState: () => GoingOnInput, id: SessionId): Promise<void> {
  const text = l10n.t(
    '{0} did not end when you asked, and is rendering now. It keeps running and is billed until it ends.',
    nameOf(appState, id),
  );
  return announce(text, id);
}

/**
 * Announces a session whose request went unanswered and which started after all: it is kept unless the user ends it.
 */
export function announceAdopted(appState: () => GoingOnInput, id: SessionId): Promise<void> {
  const text = l10n.t(
    '{0} you requested has started after all, although the request was not answered. It is billed until it ends.',
    nameOf(appState, id),
  );
  return announce(text, id);
}

function nameOf(appState: () => GoingOnInput, id: SessionId): string {
  const { snapshot } = appState();
  return theSession(findSession(snapshot, id), snapshot);
}

async function announce(text: string, id: SessionId): Promise<void> {
  const open = l10n.t('Open Session');
  const chosen = await warn(text, open, l10n.t('End Session…'));
  if (chosen === undefined) return;
  await runOnSession(chosen === open ? 'openSession' : 'cancelSession', id);
}
