import * as l10n from '@vscode/l10n';
import type { Prices, Session } from '../../comfydeploy/model';
import { tenLines, togetherText } from '../burnText';
import { sessionTitle, stateText } from '../../sessions/sessionText';
import { ownBilled, ownSessions, type Snapshot } from '../../sessions/snapshot';
import { run } from '../../platform/ui/commands';
import { choose } from '../../platform/ui/pick';
import { targetOf } from '../accounts';

export interface LeavingInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
}

export interface LeavingContext {
  readonly appState: () => LeavingInput;
}

/**
 * Asks before the user signs out of an account whose sessions then run unwatched, with their hourly cost. Without
 * sessions there is no question.
 */
export async function askToLeave({ appState }: LeavingContext): Promise<boolean> {
  const known = appState();
  const sessions = ownBilled(known.snapshot);
  if (sessions.length === 0) return true;
  const [end, action] = [l10n.t('End Sessions…'), l10n.t('Sign Out')];
  const ends = ownSessions(known.snapshot).length === 0 ? [] : [end];
  const question =
    sessions.length === 1
      ? l10n.t('Sign out with a session running?')
      : l10n.t('Sign out with {0} sessions running?', sessions.length);
  const answer = await choose(question, leftBehind(sessions, known), action, ...ends);
  if (answer === end) await run('cancelAllSessions', targetOf(known.snapshot));
  return answer === action;
}

function leftBehind(sessions: readonly Session[], input: LeavingInput): string {
  const lines = sessions.map((session) => `${sessionTitle(session, input.snapshot)}, ${stateText(session, input.now)}`);
  const then =
    sessions.length === 1
      ? l10n.t('It keeps running and is billed, and nothing watches it any more.')
      : l10n.t('They keep running and are billed, and nothing watches them any more.');
  return `${tenLines(lines)}\n\n${togetherText(sessions, input.prices)} ${then}`;
}
