import type { SessionId } from '../../comfydeploy/model';
import { theSession } from '../../sessions/sessionText';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { warn } from '../../platform/ui/shown';

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
