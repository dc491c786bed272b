import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Money } from '../../spending/money';
import type { PriceList } from '../../spending/priceList';
import type { Acts, Yes } from '../../sessions/acts';
import type { Session, SessionId } from '../../comfydeploy/model';
import type { GuardPreferences } from '../../sessions/preferences';
import { extendMenu, USUAL_MINUTES } from '../../spending/menus';
import { endTime, minutesText } from '../../platform/durations';
import { ApiError } from '../../platform/errors';
import { failing } from '../../platform/failureText';
import { abilitiesOf } from '../rows';
import { stateText, whoseSession, whoseTitle, type StateAndOwnerInput } from '../../sessions/sessionText';
import { extensionLeft, extensionWithinPlan, fitting, freePlanText } from '../../spending/lengths';
import { extensionExamples, typedExtension } from '../../spending/typedChoices';
import { isLength } from '../../platform/typedTime';
import { atMost, type Clock } from '../../platform/clock';
import type { Store } from '../../sessions/store';
import { ownSessions } from '../../sessions/snapshot';
import { Unproven } from '../../sessions/writes';
import { isAllowed, type SpendingQuestionInput } from '../../spending/ui/spendingQuestion';
import type { CommandHandlers, CommandName } from '../../platform/ui/commands';
import { askToEnd, saveAndEnd, type EndContext } from './endSessions';
import { addressOf } from '../../page/ui/opening';
import { isOurs } from '../../platform/ui/ours';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { yesOf } from '../../sessions/ui/yes';
import { confirm, pick, withProgress } from '../../platform/ui/pick';
import { note } from '../../platform/ui/shown';
import { pathTo } from './links';
import type { Targets } from './targets';

export interface SessionCommandsInput extends StateAndOwnerInput, SpendingQuestionInput {
  readonly limits: SpendingQuestionInput['limits'] & { readonly planMinutes: number };
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
}

interface SessionContext {
  readonly appState: () => SessionCommandsInput;
  readonly targets: Pick<Targets, 'session' | 'sessions' | 'isForeign'>;
  readonly store: Pick<Store, 'extend'>;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly money: Pick<Money, 'recorder' | 'credit'>;
  readonly prices: PriceList;
  readonly clock: Clock;
  /** What ending a session needs. */
  readonly ending: EndContext;
  readonly extension: Pick<vscode.Extension<unknown>, 'id'>;
}

const NOTE_FOR = 5_000;
/** The longest that a question waits for the credit, ms. */
const LONGEST_LOOK = 1_000;
const FOREIGN = () =>
  l10n.t(
    'Another extension or a link requests it. Anyone who has the address controls the session: it needs no password.',
  );

/** What a notice adds to its target: by how many minutes to extend. */
const Extra = z.lazy(() => z.object({ minutes: z.custom<number>(isLength) }));

type SessionHandlers = Pick<
  CommandHandlers,
  | 'extendSession'
  | 'cancelSession'
  | 'cancelAllSessions'
  | 'copySessionUrl'
  | 'copySessionId'
  | 'copySessionLink'
  | 'sessionActions'
>;

/** Commands about an existing session. */
export function sessionCommands(context: SessionContext): SessionHandlers {
  const { targets, ending } = context;
  return {
    async extendSession(target) {
      const yes = context.acts.agreed();
      const session = await targets.session(target, '+extend', l10n.t('Extend which session?'));
      const asked = isOurs(target) ? Extra.safeParse(target).data?.minutes : undefined;
      if (session)
        await extend(context, session, asked === undefined ? undefined : { minutes: asked, yes: yesOf(target) ?? yes });
    },

    async cancelSession(target) {
      const sessions = await targets.sessions(target, '+end', l10n.t('End which session?'));
      const yes = yesOf(target);
      await (yes ? saveAndEnd(ending, sessions, yes) : askToEnd(ending, sessions));
    },

    async cancelAllSessions() {
      await askToEnd(ending, ownSessions(context.appState().snapshot));
    },

    async copySessionUrl(target) {
      const session = await targets.session(target, '+url', l10n.t('Copy the address of which session?'));
      if (!session) return;
      const address = addressOf(session);
      const question = l10n.t('Copy the address of {0}?', whoseSession(session, context.appState()));
      if (targets.isForeign(target) && !(await confirm(question, FOREIGN(), l10n.t('Copy Address')))) return;
      await vscode.env.clipboard.writeText(address);
      note(l10n.t('Address copied. Anyone who has it controls the session.'), NOTE_FOR);
    },

    async copySessionId(target) {
      const session = await targets.session(target, '+session', l10n.t('Copy the ID of which session?'));
      if (session) await copy(session.id, l10n.t('Session ID copied'));
    },

    async copySessionLink(target) {
      const session = await targets.session(target, '+session', l10n.t('Copy the link to which session?'));
      const app = `${vscode.env.uriScheme}://${context.extension.id}`;
      if (session) await copy(`${app}${pathTo(session.id)}`, l10n.t('Link copied'));
    },

    async sessionActions(target) {
      const session = await targets.session(target, '+session', l10n.t('Actions for which session?'));
      if (session) await offerActions(context, session);
    },
  };
}

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  note(said, NOTE_FOR);
}

/** @param asked minutes and consent, if the user has already chosen them. */
async function extend(
  { acts, store, prices, money, clock, appState }: SessionContext,
  session: Session,
  asked?: { readonly minutes: number; readonly yes: Yes },
): Promise<void> {
  // The credit may have changed in the last minutes.
  await Promise.all([prices.refresh(), atMost(clock, LONGEST_LOOK, money.credit.renew())]);
  const { now, spending, limits } = appState();
  const name = whoseTitle(session, appState());
  const price = prices.current?.get(session.gpu);
  const typed = (text: string) => typedExtension(text, session, now, price, spending.balance);
  const most = extensionLeft(session, limits.planMinutes);
  const choices = fitting(extendMenu(session, now, price, spending.balance), most);
  if (choices.length === 0 || (asked?.minutes ?? 0) > most)
    throw notExtended(name, new ApiError('refused', freePlanText()));
  const minutes =
    asked?.minutes ??
    (await pick({
      title: l10n.t({
        message: 'Extend {0}, {1}',
        args: [name, stateText(session, now)],
        comment: ['{0} is a session, {1} its state, such as “12 min left”.'],
      }),
      placeholder: l10n.t('By how much? Choose, or type {0}', extensionExamples(session)),
      choices,
      preferred: USUAL_MINUTES,
      typed: (text) => extensionWithinPlan(typed(text), most),
    }));
  if (typeof minutes !== 'number') return;
  const yes = asked?.yes ?? acts.agreed();
  const by = minutesText(minutes);
  const what = l10n.t('Extend {0} by {1}', name, by);
  const wanted = { gpu: session.gpu, minutes, session, action: l10n.t('Extend'), what };
  if (!(await isAllowed(appState(), wanted, yes))) return;
  const title = l10n.t('Extending {0} by {1}', name, by);
  const done = await withProgress(title, (signal) => store.extend(session.id, minutes, signal, yes.permit())).catch(
    (error: unknown) => {
      throw error instanceof Unproven ? failing(name, error) : notExtended(name, error);
    },
  );
  await money.recorder.note(session.id, { kind: 'extended', by: 'you' });
  note(extendedText(name, done.session, appState().now), NOTE_FOR);
}

const notExtended = (name: string, error: unknown) => failing(l10n.t('{0} was not extended', name), error);

function extendedText(name: string, session: Session, now: number): string {
  return 'endsAt' in session
    ? l10n.t('{0} extended to {1}', name, endTime(session.endsAt, now))
    : l10n.t('{0} extended', name);
}

interface Action {
  readonly label: string;
  /** A codicon. */
  readonly icon: string;
  readonly description?: string;
  readonly needs: string;
  readonly command: CommandName;
}

const actionsFor = ({ keepAlive, finishThenEnd, endWhenIdle, endAt, lease }: GuardPreferences): readonly Action[] => [
  { icon: 'vm', label: l10n.t('Open'), needs: '+open', command: 'openSession' },
  { icon: 'clock', label: l10n.t('Extend…'), needs: '+extend', command: 'extendSession' },
  { ...mark(lease !== undefined), label: l10n.t('On Lease'), needs: '+guard', command: 'putOnLease' },
  { ...mark(keepAlive), label: l10n.t('Keep Alive While Rendering'), needs: '+guard', command: 'keepAlive' },
  { ...mark(endWhenIdle !== undefined), label: l10n.t('End When Idle…'), needs: '+guard', command: 'endWhenIdle' },
  { ...mark(endAt !== undefined), label: l10n.t('End at a Time…'), needs: '+guard', command: 'endAt' },
  { ...mark(finishThenEnd), label: l10n.t('End When Queue Is Empty'), needs: '+guard', command: 'finishThenEnd' },
  { icon: 'debug-stop', label: l10n.t('End…'), needs: '+end', command: 'cancelSession' },
  { icon: 'save-all', label: l10n.t('Save Outputs…'), needs: '+url', command: 'saveOutputs' },
  { icon: 'save', label: l10n.t('Save Workflow…'), needs: '+url', command: 'saveWorkflow' },
  { icon: 'save-as', label: l10n.t('Save and End…'), needs: '+url', command: 'saveAndEndSession' },
  { icon: 'link-external', label: l10n.t('Open in Browser'), needs: '+url', command: 'openSessionInBrowser' },
  { icon: 'output', label: l10n.t('Show Log'), needs: '+session', command: 'showSessionLog' },
];

/** A codicon that shows whether it is on, and the word for it. */
const mark = (isOn: boolean) => ({
  icon: isOn ? 'check' : 'circle-large-outline',
  description: isOn ? l10n.t('on') : '',
});

async function offerActions({ appState }: SessionContext, session: Session): Promise<void> {
  const can = ['+session', ...abilitiesOf(session, appState().snapshot)];
  const command = await pick<CommandName>({
    title: `${whoseTitle(session, appState())}, ${stateText(session, appState().now)}`,
    placeholder: l10n.t('What do you want to do?'),
    choices: actionsFor(appState().preferencesOf(session.id))
      .filter(({ needs }) => can.includes(needs))
      .map((action) => ({
        value: action.command,
        label: action.label,
        icon: action.icon,
        description: action.description ?? '',
      })),
  });
  if (typeof command === 'string') await runOnSession(command, session.id);
}
