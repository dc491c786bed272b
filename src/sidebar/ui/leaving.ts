import type { Prices, Session } from '../../comfydeploy/model';
import { hourly } from '../../platform/dollars';
import { sessionTitle, stateText } from '../../sessions/sessionText';
import { ownSessions, type Snapshot } from '../../sessions/snapshot';
import { run } from '../../platform/ui/commands';
import { choose } from '../../platform/ui/pick';

export interface LeavingInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
}

export interface LeavingContext {
  readonly facts: () => LeavingInput;
}

const END = 'End Sessions…';

/**
 * Whoever leaves an account leaves its sessions unwatched, and is told what they cost an hour. Without any, nobody asks.
 * @param what is about to be done, as a question begins. @param action the same as a button.
 */
export async function askToLeave({ facts }: LeavingContext, what: string, action: string): Promise<boolean> {
  const known = facts();
  const sessions = ownSessions(known.snapshot);
  if (sessions.length === 0) return true;
  const count = sessions.length === 1 ? 'a session' : `${sessions.length} sessions`;
  const answer = await choose(`${what} with ${count} running?`, leftBehind(sessions, known), action, END);
  if (answer === END) await run('cancelAllSessions');
  return answer === action;
}

/** Another account than the one in use leaves that one's sessions behind. The same one with a new key leaves nothing. */
export async function askToSwitch(context: LeavingContext, scope: string): Promise<boolean> {
  const { snapshot } = context.facts();
  if (snapshot.kind !== 'ready' || snapshot.scope === scope) return true;
  return askToLeave(context, 'Switch accounts', 'Switch Account');
}

function leftBehind(sessions: readonly Session[], facts: LeavingInput): string {
  const lines = sessions.map((session) => `${sessionTitle(session, facts.snapshot)}, ${stateText(session, facts.now)}`);
  const then =
    sessions.length === 1
      ? 'It goes on running and is billed, and nothing here watches over it any more.'
      : 'They go on running and are billed, and nothing here watches over them any more.';
  return `${lines.join('\n')}\n\n${costText(sessions, facts)} ${then}`;
}

function costText(sessions: readonly Session[], { prices }: LeavingInput): string {
  const known = sessions.map(({ gpu }) => prices?.get(gpu)).filter((price) => price !== undefined);
  if (known.length === 0) return 'The price is not known.';
  const sum = hourly(known.reduce((total, price) => total + price, 0));
  if (sessions.length === 1) return `It costs ${sum}.`;
  const missing = sessions.length - known.length;
  return missing === 0
    ? `Together they cost ${sum}.`
    : `Together they cost ${sum}, not counting ${missing} with no known price.`;
}
