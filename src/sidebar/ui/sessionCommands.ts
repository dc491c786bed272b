import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Money } from '../../spending/money';
import type { PriceList } from '../../spending/priceList';
import type { Acts, Yes } from '../../sessions/acts';
import type { Session, SessionId } from '../../comfydeploy/model';
import type { Wish } from '../../sessions/preferences';
import { extendMenu, USUAL_MINUTES } from '../../spending/menus';
import { endTime, minutesText } from '../../platform/durations';
import { failing } from '../../platform/failureText';
import { abilitiesOf } from '../rows';
import { stateText, whoseSession, whoseTitle, type StateAndOwnerInput } from '../../sessions/sessionText';
import { extensionExamples, typedExtension } from '../../spending/typedChoices';
import { MOST_MINUTES } from '../../platform/typedTime';
import { atMost, type Clock } from '../../platform/clock';
import type { Store } from '../../sessions/store';
import { ownSessions } from '../../sessions/snapshot';
import { Unproven, type Extension } from '../../sessions/writes';
import { isAllowed, type CeilingQuestionInput } from '../../spending/ui/ceilingQuestion';
import type { CommandHandlers, CommandName } from '../../platform/ui/commands';
import { askToEnd, saveAndEnd, type EndContext } from './endSessions';
import { addressOf } from '../../page/ui/opening';
import { isOurs } from '../../platform/ui/ours';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { yesOf } from '../../sessions/ui/yes';
import { confirm, pick, withProgress } from '../../platform/ui/pick';
import { note } from '../../platform/ui/shown';
import type { Targets } from './targets';

export interface SessionCommandsInput extends StateAndOwnerInput, CeilingQuestionInput {
  /** What the guardian is to do about a session. */
  readonly wishOf: (id: SessionId) => Wish;
}

interface SessionContext {
  readonly facts: () => SessionCommandsInput;
  readonly targets: Pick<Targets, 'session' | 'isForeign'>;
  readonly store: Pick<Store, 'extend'>;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly money: Pick<Money, 'books' | 'credit'>;
  readonly prices: PriceList;
  readonly clock: Clock;
  /** What ending a session takes. */
  readonly ending: EndContext;
}

const NOTE_FOR = 5_000;
/** A question does not wait longer for what is left of the credit. */
const LONGEST_LOOK = 1_000;
const FOREIGN =
  'Another extension or a link asks for it. Whoever has the address controls the session: it needs no password.';

/** What a notice adds to its target: by how much to extend. */
const Extra = z.lazy(() => z.object({ minutes: z.int().check(z.positive(), z.maximum(MOST_MINUTES)) }));

type SessionHandlers = Pick<
  CommandHandlers,
  'extendSession' | 'cancelSession' | 'cancelAllSessions' | 'copySessionUrl' | 'copySessionId' | 'sessionActions'
>;

/** What can be done with a session that exists. */
export function sessionCommands(context: SessionContext): SessionHandlers {
  const { targets, ending } = context;
  return {
    async extendSession(target) {
      const yes = context.acts.agreed();
      const session = await targets.session(target, '+extend', 'Extend which session?');
      const asked = isOurs(target) ? Extra.safeParse(target).data?.minutes : undefined;
      if (session)
        await extend(context, session, asked === undefined ? undefined : { minutes: asked, yes: yesOf(target) ?? yes });
    },

    async cancelSession(target) {
      const session = await targets.session(target, '+cancel', 'End which session?');
      if (!session) return;
      const yes = yesOf(target);
      await (yes ? saveAndEnd(ending, [session], yes) : askToEnd(ending, [session]));
    },

    async cancelAllSessions() {
      await askToEnd(ending, ownSessions(context.facts().snapshot));
    },

    async copySessionUrl(target) {
      const session = await targets.session(target, '+url', 'Copy the address of which session?');
      if (!session) return;
      const address = addressOf(session);
      const question = `Copy the address of ${whoseSession(session, context.facts())}?`;
      if (targets.isForeign(target) && !(await confirm(question, FOREIGN, 'Copy Address'))) return;
      await vscode.env.clipboard.writeText(address);
      note('Address copied. Whoever has it controls the session.', NOTE_FOR, 'warning');
    },

    async copySessionId(target) {
      const session = await targets.session(target, '+session', 'Copy the id of which session?');
      if (!session) return;
      await vscode.env.clipboard.writeText(session.id);
      note('Session id copied', NOTE_FOR);
    },

    async sessionActions(target) {
      const session = await targets.session(target, '+session', 'Act on which session?');
      if (session) await offerActions(context, session);
    },
  };
}

/** @param asked where the question has been answered already. */
async function extend(
  { acts, store, prices, money, clock, facts }: SessionContext,
  session: Session,
  asked?: { readonly minutes: number; readonly yes: Yes },
): Promise<void> {
  // What was left ten minutes ago may be spent by now, or topped up.
  await Promise.all([prices.refresh(), atMost(clock, LONGEST_LOOK, money.credit.renew())]);
  const { now, spending } = facts();
  const name = whoseTitle(session, facts());
  const price = prices.current?.get(session.gpu);
  const minutes =
    asked?.minutes ??
    (await pick({
      title: `Extend ${name}, ${stateText(session, now)}`,
      placeholder: `By how much? Choose, or type ${extensionExamples(session)}`,
      choices: extendMenu(session, now, price, spending.balance),
      preferred: USUAL_MINUTES,
      typed: (text) => typedExtension(text, session, now, price, spending.balance),
    }));
  if (typeof minutes !== 'number') return;
  const yes = asked?.yes ?? acts.agreed();
  const by = minutesText(minutes);
  const wanted = { gpu: session.gpu, minutes, session, action: 'Extend', what: `Extend ${name} by ${by}` };
  if (!(await isAllowed(facts(), wanted, yes))) return;
  const title = `Extending ${name} by ${by}`;
  const done = await withProgress(title, (signal) => store.extend(session.id, minutes, signal, yes.permit())).catch(
    (error: unknown) => {
      throw error instanceof Unproven ? failing(name, error) : failing(`${name} was not extended`, error);
    },
  );
  await money.books.note(session.id, { kind: 'extended', by: 'you' });
  note(extendedText(name, done, facts().now), NOTE_FOR);
}

function extendedText(name: string, { session }: Extension, now: number): string {
  return 'endsAt' in session ? `${name} extended until ${endTime(session.endsAt, now)}` : `${name} extended`;
}

interface Action {
  readonly label: string;
  /** A codicon. */
  readonly icon: string;
  readonly needs: string;
  readonly command: CommandName;
}

const actionsFor = ({ keepAlive, finishThenEnd, endWhenIdle, endAt }: Wish): readonly Action[] => [
  { icon: 'vm', label: 'Open', needs: '+open', command: 'openSession' },
  { icon: 'clock', label: 'Extend…', needs: '+extend', command: 'extendSession' },
  { icon: mark(keepAlive), label: 'Keep Alive While Rendering', needs: '+guard', command: 'keepAlive' },
  { icon: mark(endWhenIdle !== undefined), label: 'End When Idle…', needs: '+guard', command: 'endWhenIdle' },
  { icon: mark(endAt !== undefined), label: 'End at a Time…', needs: '+guard', command: 'endAt' },
  { icon: mark(finishThenEnd), label: 'End When Queue Is Empty', needs: '+guard', command: 'finishThenEnd' },
  { icon: 'debug-stop', label: 'End…', needs: '+cancel', command: 'cancelSession' },
  { icon: 'save-all', label: 'Save Outputs…', needs: '+url', command: 'saveOutputs' },
  { icon: 'save', label: 'Save Workflow…', needs: '+url', command: 'saveWorkflow' },
  { icon: 'save-as', label: 'Save and End…', needs: '+url', command: 'saveAndEndSession' },
  { icon: 'link-external', label: 'Open in Browser', needs: '+url', command: 'openSessionInBrowser' },
  { icon: 'output', label: 'Show Log', needs: '+session', command: 'showSessionLog' },
];

/** A codicon that says whether it is so now. */
const mark = (isOn: boolean) => (isOn ? 'check' : 'circle-large-outline');

async function offerActions({ facts }: SessionContext, session: Session): Promise<void> {
  const can = ['+session', ...abilitiesOf(session, facts().snapshot)];
  const command = await pick<CommandName>({
    title: `${whoseTitle(session, facts())}, ${stateText(session, facts().now)}`,
    placeholder: 'What do you want to do?',
    choices: actionsFor(facts().wishOf(session.id))
      .filter(({ needs }) => can.includes(needs))
      .map((action) => ({
        value: action.command,
        label: action.label,
        icon: action.icon,
        description: '',
      })),
  });
  if (typeof command === 'string') await runOnSession(command, session.id);
}
