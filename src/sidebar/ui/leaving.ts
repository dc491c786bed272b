import * as l10n from '@vscode/l10n';
import type { Prices, Session } from '../../comfydeploy/model';
import { tenLines, togetherText } from '../burnText';
import { sessionTitle, stateText } from '../../sessions/sessionText';
import { ownBilled, ownSessions, type Snapshot } from '../../sessions/snapshot';
import { run } from '../../platform/ui/commands';
import { choose } from '../../platform/ui/pick';

export interface LeavingInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
}

export interface LeavingContext {
  readonly appState: () => LeavingInput;
}

/** What the user is about to do. */
type Leaving = 'signOut' | 'switch';

/**
 * Asks before the user leaves an account whose sessions then run unwatched, with their hourly cost. Without sessions
 * there is no question.
 */
export async function askToLeave({ appState }: LeavingContext, why: Leaving): Promise<boolean> {
  const known = appState();
  const sessions = ownBilled(known.snapshot);
  if (sessions.length === 0) return true;
  const end = l10n.t('End Sessions…');
  const ends = ownSessions(known.snapshot).length === 0 ? [] : [end];
  const { question, action } = wordsOf(why, sessions.length);
  const answer = await choose(question, leftBehind(sessions, known), action, ...ends);
  if (answer === end) await run('cancelAllSessions');
  return answer === action;
}

/** Asks only if the new key belongs to another account: a new key of the same account leaves no sessions behind. */
export async function askToSwitch(context: LeavingContext, scope: string): Promise<boolean> {
  const { snapshot } = context.appState();
  if (snapshot.kind !== 'ready' || snapshot.scope === scope) return true;
  return askToLeave(context, 'switch');
}

function wordsOf(why: Leaving, count: number): { readonly question: string; readonly action: string } {
  switch (why) {
    case 'signOut': {
      const many = l10n.t('Sign out with {0} sessions running?', count);
      return {
        question: count === 1 ? l10n.t('Sign out with a session running?') : many,
        action: l10n.t('Sign Out'),
      };
    }
    case 'switch': {
      const many = l10n.t('Switch accounts with {0} sessions running?', count);
      return {
        question: count === 1 ? l10n.t('Switch accounts with a session running?') : many,
        action: l10n.t('Switch Account'),
      };
    }
  }
}

function leftBehind(sessions: readonly Session[], input: LeavingInput): string {
  const lines = sessions.map((session) => `${sessionTitle(session, input.snapshot)}, ${stateText(session, input.now)}`);
  const then =
    sessions.length === 1
      ? l10n.t('It keeps running and is billed, and nothing watches it any more.')
      : l10n.t('They keep running and are billed, and nothing watches them any more.');
  return `${tenLines(lines)}\n\n${togetherText(sessions, input.prices)} ${then}`;
}
