import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { SessionId, type Session } from '../../comfydeploy/model';
import { minutesText } from '../../platform/durations';
import { ApiError } from '../../platform/errors';
import { whoseTitle } from '../../sessions/sessionText';
import { costLine } from '../../spending/ui/spendingQuestion';
import { factsOf } from './facts';
import { costFor, questionOf } from './money';
import { ownSession, refuseExcess, type AgentContext, type AgentInput, type Tool } from './tool';

const LONGEST = 240;
const Extend = z.lazy(() => z.object({ session: SessionId, minutes: z.int().check(z.gte(1), z.lte(LONGEST)) }));

/** Adds time to a session of the user's, if that fits the wallet. */
export function extendTool(context: AgentContext): Tool<typeof Extend> {
  const { acts, appState, money, store, wallet } = context;
  return {
    input: Extend,
    async ask({ session: id, minutes }) {
      const session = await ownSession(context, id);
      await refuseExcess(context, wantedFor(session, minutes, appState()));
      const what = l10n.t('Extend {0} by {1}', whoseTitle(session, appState()), minutesText(minutes));
      return questionOf(context, what, costLine(appState(), { gpu: session.gpu, minutes, session }));
    },
    async run({ session: id, minutes }) {
      const session = await ownSession(context, id);
      const yes = acts.agreed();
      await wallet.extend(wantedFor(session, minutes, appState()), () =>
        store.extend(id, minutes, undefined, yes.permit()),
      );
      await money.recorder.note(id, { kind: 'extended', by: 'you', byAgent: true });
      return { facts: factsOf(await ownSession(context, id), appState()) };
    },
  };
}

function wantedFor(session: Session, minutes: number, input: AgentInput) {
  if (!('endsAt' in session)) throw new ApiError('refused', l10n.t('Agents extend only sessions that have an end.'));
  return { ...costFor(session.gpu, minutes, input, session.endsAt), session: session.id };
}
