import type { SessionId } from '../core/model';
import { theSession } from '../core/present/sessionText';
import { findSession, type Snapshot } from '../core/state/snapshot';
import { runOnSession } from './runOnSession';
import { warn } from './shown';

export interface AdoptedInput {
  readonly snapshot: Snapshot;
}

const OPEN = 'Open Session';
const END = 'End Session…';

/** Tells of a session whose request went unanswered and which runs all the same: it is kept, unless the user ends it. */
export async function tellOfAdopted(facts: () => AdoptedInput, id: SessionId): Promise<void> {
  const { snapshot } = facts();
  const what = theSession(findSession(snapshot, id), snapshot, 'The session');
  const text = `${what} you asked for has started after all, although its request went unanswered. It is billed until it ends.`;
  const chosen = await warn(text, OPEN, END);
  if (chosen === undefined) return;
  await runOnSession(chosen === OPEN ? 'openSession' : 'cancelSession', id);
}
