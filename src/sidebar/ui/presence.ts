import * as vscode from 'vscode';
import type { SessionSaver } from '../../outputs/sessionSaver';
import type { Presence } from '../../windows/leaderElection';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import type { SessionsView } from './view';

/** What the other windows need to know about this one. */
export function presenceOf(
  view: Pick<SessionsView, 'isWatched'>,
  tabs: Pick<SessionTabs, 'inUse'>,
  { busy: saving }: Pick<SessionSaver, 'busy'>,
): Presence {
  const inUse = tabs.inUse();
  const { focused: isFocused } = vscode.window.state;
  return { isWatched: view.isWatched, isFocused, inUse: inUse === undefined ? [] : [inUse], saving };
}
