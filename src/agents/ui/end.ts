import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { SessionId } from '../../comfydeploy/model';
import { lossText } from '../../outputs/ui/savedFirst';
import { findSession } from '../../sessions/snapshot';
import { stateText, whoseSession } from '../../sessions/sessionText';
import { endForAgent } from '../../sidebar/ui/endSessions';
import { ownSession, type AgentContext, type Tool } from './tool';

const End = z.lazy(() => z.object({ session: SessionId }));

/** Ends a session; the user is asked about those that no agent has started. */
export function endTool(context: AgentContext): Tool<typeof End> {
  const { appState, ending, wallet } = context;
  return {
    input: End,
    async ask({ session: id }) {
      const session = await ownSession(context, id);
      if (await wallet.hasStarted(id).catch(() => false)) return undefined;
      const title = l10n.t({
        message: 'End {0}, {1}?',
        args: [whoseSession(session, appState()), stateText(session, appState().now)],
        comment: ['{0} is “the session on …”, {1} its state, such as “12 min left”.'],
      });
      return { title, detail: await lossText(ending, [session]) };
    },
    async run({ session: id }) {
      await endForAgent(ending, await ownSession(context, id));
      return { facts: { isProven: findSession(appState().snapshot, id) === undefined } };
    },
  };
}
