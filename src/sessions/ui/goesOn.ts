import type { SessionId } from '../../comfydeploy/model';
import { theSession } from '../sessionText';
import { findSession, type Snapshot } from '../snapshot';
import { runOnSession } from './runOnSession';
import { warn } from '../../platform/ui/shown';

export interface GoingOnInput {
  readonly snapshot: Snapshot;
}

const OPEN = 'Open Session';
const END = 'End Session…';

/** Tells of a session that the user wanted to end long ago: the request never came through, and by now it renders. */
export async function tellOfGoingOn(facts: () => GoingOnInput, id: SessionId): Promise<void> {
  const { snapshot } = facts();
  const what = theSession(findSession(snapshot, id), snapshot, 'The session');
  const text = `${what} did not end when you asked for it, and is rendering now. It goes on and is billed until it ends.`;
  const chosen = await warn(text, OPEN, END);
  if (chosen === undefined) return;
  await runOnSession(chosen === OPEN ? 'openSession' : 'cancelSession', id);
}
