import type { SessionId } from '../../comfydeploy/model';
import { warn } from '../../platform/ui/shown';
import { theSession } from '../sessionText';
import { findSession, type Snapshot } from '../snapshot';
import { runOnSession } from './runOnSession';

export interface GoingOnInput {
  readonly snapshot: Snapshot;
}

const OPEN = 'Open Session';
const END = 'End Session…';

/** Tells of a session that the user wanted to end long ago: the request never came through, and by now it renders. */
export function tellOfGoingOn(facts: () => GoingOnInput, id: SessionId): Promise<void> {
  const text = 'did not end when you asked for it, and is rendering now. It goes on and is billed until it ends.';
  return tellOf(facts, id, text);
}

/** Tells of a session whose request went unanswered and which runs all the same: it is kept, unless the user ends it. */
export function tellOfAdopted(facts: () => GoingOnInput, id: SessionId): Promise<void> {
  const text = 'you asked for has started after all, although its request went unanswered. It is billed until it ends.';
  return tellOf(facts, id, text);
}

/** @param text what follows the session's name. */
async function tellOf(facts: () => GoingOnInput, id: SessionId, text: string): Promise<void> {
  const { snapshot } = facts();
  const what = theSession(findSession(snapshot, id), snapshot, 'The session');
  const chosen = await warn(`${what} ${text}`, OPEN, END);
  if (chosen === undefined) return;
  await runOnSession(chosen === OPEN ? 'openSession' : 'cancelSession', id);
}
