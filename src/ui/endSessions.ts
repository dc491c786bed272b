import { knownOf } from '../core/guard/activity';
import type { Session, SessionId, Work } from '../core/model';
import type { Money } from '../core/money/money';
import { notEnded } from '../core/present/failureText';
import { stateText, whoseSession, whoseTitle, type StateAndOwnerInput } from '../core/present/sessionText';
import type { DoubtTextInput } from '../core/present/doubtText';
import { workText } from '../core/present/workText';
import { atMost, type Clock } from '../core/state/clock';
import type { Store } from '../core/state/store';
import { findSession } from '../core/state/snapshot';
import { untilGone } from '../core/state/waits';
import type { Watch } from '../core/state/watch';
import { runOnSession } from './commands';
import { unprovenText } from './doubts';
import { wish, type WishContext, type WishInput } from './guardCommands';
import { choose, confirm, withProgress } from './pick';
import { lossText, savedFirst, type SavedFirstContext } from './savedFirst';
import type { SavingProgressInput } from './savingProgress';
import { warn } from './shown';

interface RenderingInput {
  readonly work: ReadonlyMap<SessionId, Work>;
  /** Server time, ms. */
  readonly now: number;
}

interface AskInput extends RenderingInput, StateAndOwnerInput {}

export interface EndInput extends AskInput, WishInput, DoubtTextInput, SavingProgressInput {}

export interface EndContext extends WishContext, SavedFirstContext {
  readonly facts: () => EndInput;
  readonly store: Store;
  readonly watch: Pick<Watch, 'lookAt'>;
  readonly money: Pick<Money, 'books'>;
  readonly clock: Clock;
}

/** How long an ended session may go on being billed before the user is told. */
const PATIENCE = 60_000;
/** A question must not wait longer for what the sessions do. */
const LONGEST_LOOK = 1_000;
/** A yes is good for so long: who closed the lid meanwhile is asked again, ms. */
const LONGEST_CONSENT = 120_000;

const STILL_BILLED =
  'ComfyDeploy has taken the request, but a minute later the GPU is still billed. The tree shows it until it is gone.';
const END_NOW = 'End Now';
const WHEN_EMPTY = 'End When Queue Is Empty';
const EXTEND = 'Extend 15 min';

/** Ends sessions if the user agrees, who is told of renders that would be lost and offered to wait for them. */
export async function askToEnd(context: EndContext, sessions: readonly Session[]): Promise<void> {
  if (sessions.length === 0) return;
  await look(context, sessions);
  const told = rendering(context, sessions);
  const isAgreed = await ask(context, sessions);
  if (isAgreed) await saveThenEnd(context, sessions, { at: context.clock.now(), told });
}

/** As the user asked for, and was told what becomes of the outputs. */
export async function saveAndEnd(context: EndContext, sessions: readonly Session[]): Promise<void> {
  await saveThenEnd(context, sessions, { at: context.clock.now(), told: rendering(context, sessions) });
}

/** What the user agreed to. */
interface Consent {
  /** By this computer's clock, ms. */
  readonly at: number;
  /** Were known to render. */
  readonly told: ReadonlySet<SessionId>;
}

/** The saving takes its time: if what the user agreed to is no longer true after it, the question is asked again. */
async function saveThenEnd(context: EndContext, sessions: readonly Session[], consent: Consent): Promise<void> {
  const { sessions: saved, agreedAt = consent.at } = await savedFirst(context, sessions);
  if (context.settings.rules().saveBeforeEnd && saved.length > 0) await look(context, saved);
  const { snapshot } = context.facts();
  // Some may have ended while others were saved.
  const alive = saved.length === 1 ? saved : saved.filter(({ id }) => findSession(snapshot, id) !== undefined);
  if (alive.length === 0) return;
  const isOld = Math.abs(context.clock.now() - agreedAt) > LONGEST_CONSENT;
  const isNews = [...rendering(context, alive)].some((id) => !consent.told.has(id));
  await (isOld || isNews ? askToEnd(context, alive) : endSessions(context, alive));
}

/** Those that render, as far as anybody knows. */
function rendering({ facts }: EndContext, sessions: readonly Session[]): ReadonlySet<SessionId> {
  const known = facts();
  return new Set(sessions.filter((session) => renderingText(session, known) !== undefined).map(({ id }) => id));
}

export async function endSessions(context: EndContext, sessions: readonly Session[]): Promise<void> {
  const names = sessions.map((session) => whoseTitle(session, context.facts()));
  const title = names.length === 1 ? `Ending ${names.join()}` : `Ending ${names.length} sessions`;
  const results = await withProgress(title, (signal) =>
    Promise.allSettled(sessions.map(({ id }) => endOne(context, id, signal))),
  );
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [[names[index] ?? 'A session', result.reason] as const] : [],
  );
  if (failures.length > 0) throw notEnded(failures);
  const isProven = results.every((result) => result.status === 'fulfilled' && result.value);
  if (isProven) return;
  const unproven = unprovenText(
    sessions.map(({ id }) => id),
    context.facts(),
  );
  void warn(unproven ?? STILL_BILLED);
}

/** Whether the end is proven: the server no longer knows the session. */
async function endOne({ store, money, clock }: EndContext, id: SessionId, signal: AbortSignal): Promise<boolean> {
  void money.books.note(id, { kind: 'ended', by: 'you', why: 'you asked for it' });
  await store.cancel(id, signal);
  return untilGone(store, clock, id, PATIENCE);
}

/** What they do now; what cannot be learnt soon is asked about as it was last known. */
async function look({ watch, clock }: EndContext, sessions: readonly Session[]): Promise<void> {
  const looks = Promise.all(sessions.map(({ id }) => watch.lookAt(id)));
  await atMost(clock, LONGEST_LOOK, looks).catch(() => undefined); // then it is asked as it was last known
}

async function ask(context: EndContext, sessions: readonly Session[]): Promise<boolean> {
  const facts = context.facts();
  const [session] = sessions;
  if (sessions.length > 1 || !session) return askOfMany(facts, sessions, lossText(context, sessions));
  const loss = lossText(context, [session]);
  const rendering = renderingText(session, facts);
  const question = `End ${whoseSession(session, facts)}, ${stateText(session, facts.now)}?`;
  if (rendering === undefined) return confirm(question, loss, 'End Session');
  const answer = await choose(question, `It is ${rendering}. ${loss}`, WHEN_EMPTY, END_NOW, EXTEND);
  if (answer === WHEN_EMPTY) await wish(context, session, { finishThenEnd: true });
  if (answer === EXTEND) await runOnSession('extendSession', session.id, { minutes: 15 });
  return answer === END_NOW;
}

function askOfMany(facts: AskInput, sessions: readonly Session[], loss: string): Promise<boolean> {
  const lines = sessions.map((session) => {
    const rendering = renderingText(session, facts);
    return rendering === undefined ? describe(session, facts) : `${describe(session, facts)}, ${rendering}`;
  });
  return confirm(`End ${sessions.length} sessions?`, `${lines.join('\n')}\n\n${loss}`, 'End All Sessions');
}

/** `rendering, 2 queued`, as far as anybody knows. */
function renderingText({ id }: Session, { work, now }: RenderingInput): string | undefined {
  const known = work.get(id);
  return known && knownOf(known)?.kind === 'rendering' ? (workText(known, now) ?? 'rendering') : undefined;
}

function describe(session: Session, facts: StateAndOwnerInput): string {
  return `${whoseTitle(session, facts)}, ${stateText(session, facts.now)}`;
}
