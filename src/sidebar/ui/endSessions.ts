import * as l10n from '@vscode/l10n';
import { NotSent } from '../../platform/errors';
import { knownOf } from '../../activity/activity';
import { bothOf, elapsed, momentOf, type Acts, type Moment, type Yes } from '../../sessions/acts';
import type { GuardSettings } from '../../guardian/guardSettings';
import { pageOf, type Session, type SessionId, type Work } from '../../comfydeploy/model';
import type { Money } from '../../spending/money';
import { notEnded } from '../../platform/failureText';
import { minutesText } from '../../platform/durations';
import { stateText, whoseSession, whoseTitle, type StateAndOwnerInput } from '../../sessions/sessionText';
import type { DoubtTextInput } from '../../sessions/doubtText';
import { workText } from '../../activity/workText';
import { atMost, type Clock } from '../../platform/clock';
import type { Store } from '../../sessions/store';
import { nextToEnd } from '../../sessions/deadline';
import { findSession } from '../../sessions/snapshot';
import { untilGone } from '../../sessions/waits';
import type { ActivityMonitor } from '../../activity/activityMonitor';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { unprovenText } from '../../sessions/ui/doubts';
import { tenLines, togetherText } from '../burnText';
import { prefer, type PreferencesContext, type PreferencesInput } from '../../guardian/ui/guardCommands';
import { choose, confirm, withProgress } from '../../platform/ui/pick';
import { lossText, savedFirst, type SavedFirstContext } from '../../outputs/ui/savedFirst';
import type { SavingProgressInput } from '../../outputs/ui/savingProgress';
import { warn } from '../../platform/ui/shown';
import { MINUTE } from '../../platform/units';
import { apart } from '../../sessions/twins';

interface RenderingInput {
  readonly work: ReadonlyMap<SessionId, Work>;
  /** Server time, ms. */
  readonly now: number;
}

interface AskInput extends RenderingInput, StateAndOwnerInput {}

export interface EndInput extends AskInput, PreferencesInput, DoubtTextInput, SavingProgressInput {}

export interface EndContext extends PreferencesContext, SavedFirstContext {
  readonly appState: () => EndInput;
  readonly guardSettings: () => GuardSettings;
  readonly store: Store;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly monitor: Pick<ActivityMonitor, 'lookAt'>;
  readonly money: Pick<Money, 'recorder'>;
  readonly clock: Clock;
}

/** How long an ended session may still be billed before the user is notified, ms. */
const PATIENCE = MINUTE;
/** The longest that a question waits for the activity of the sessions, ms. */
const LONGEST_LOOK = 1_000;

/** How long an earlier reading of the queue stays valid, ms. */
const FRESH = 5_000;

const EXTRA_MINUTES = 15;

/** Ends sessions if the user agrees. Names renders that would be lost, and offers to wait for them. */
export async function askToEnd(context: EndContext, sessions: readonly Session[]): Promise<void> {
  if (sessions.length === 0) return;
  await look(context, sessions);
  const knownToRender = rendering(context, sessions);
  const yes = await ask(context, sessions);
  if (yes) await saveThenEnd(context, sessions, { yes, knownToRender });
}

/** Ends sessions that the user agreed to end, knowing that they are idle and what happens to their outputs. */
export async function saveAndEnd(context: EndContext, sessions: readonly Session[], yes: Yes): Promise<void> {
  await saveThenEnd(context, sessions, { yes, knownToRender: new Set() });
}

/** What the user agreed to. */
export interface Consent {
  readonly yes: Yes;
  /** Sessions that the user knew to be rendering; for any other render the user is asked again. */
  readonly knownToRender: ReadonlySet<SessionId>;
  readonly byAgent?: true;
}

/** Ends a session for an agent, which is asked nothing. */
export async function endForAgent(context: EndContext, session: Session): Promise<void> {
  const yes = context.acts.agreed();
  await saveThenEnd(context, [session], { yes, knownToRender: new Set([session.id]), byAgent: true });
}

async function saveThenEnd(context: EndContext, sessions: readonly Session[], consent: Consent): Promise<void> {
  const { sessions: saved, yes = consent.yes } = await savedFirst(context, sessions);
  const { snapshot } = context.appState();
  // Some may have ended while others were being saved.
  const alive = saved.length === 1 ? saved : saved.filter(({ id }) => findSession(snapshot, id) !== undefined);
  if (alive.length > 0) await endSessions(context, alive, { ...consent, yes });
}

/** The sessions that render, as far as known. */
function rendering({ appState }: EndContext, sessions: readonly Session[]): ReadonlySet<SessionId> {
  const known = appState();
  return new Set(sessions.filter((session) => renderingText(session, known) !== undefined).map(({ id }) => id));
}

/**
 * Ends the sessions. Since the user agreed, time may have passed (a save, a closed lid), so the consent is checked just
 * before each request leaves. If it is no longer valid, nothing is sent, and the user is asked again.
 */
export async function endSessions(context: EndContext, sessions: readonly Session[], consent: Consent): Promise<void> {
  const unknown = sessions.filter((session) => pageOf(session) !== undefined && !consent.knownToRender.has(session.id));
  await look(context, unknown);
  const lookedAt = momentOf(context.clock);
  if (consent.yes.isOld || rendering(context, unknown).size > 0) return askAgain(context, sessions);
  const names = sessions.map((session) => whoseTitle(session, context.appState()));
  const title = names.length === 1 ? l10n.t('Ending {0}', names.join()) : l10n.t('Ending {0} sessions', names.length);
  const results = await withProgress(title, (signal) =>
    Promise.allSettled(sessions.map((session) => endOne(context, session, { ...consent, lookedAt }, signal))),
  );
  const unsent = sessions.filter((_, index) => isUnsent(results[index]));
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' && !isUnsent(result)
      ? [[names[index] ?? l10n.t('A session'), result.reason] as const]
      : [],
  );
  if (unsent.length > 0) {
    if (failures.length > 0) context.report(notEnded(failures));
    return askAgain(context, unsent);
  }
  if (failures.length > 0) throw notEnded(failures);
  const isProven = results.every((result) => result.status === 'fulfilled' && result.value);
  if (isProven) return;
  const unproven = unprovenText(
    sessions.map(({ id }) => id),
    context.appState(),
  );
  void warn(
    unproven ??
      l10n.t(
        'ComfyDeploy accepted the request, but a minute later the GPU is still billed. The tree shows the session until it is gone.',
      ),
  );
}

function isUnsent(result: PromiseSettledResult<unknown> | undefined): boolean {
  return result?.status === 'rejected' && result.reason instanceof NotSent;
}

/** Asks again about the sessions that still exist; after a change of account there are none. */
async function askAgain(context: EndContext, sessions: readonly Session[]): Promise<void> {
  const { snapshot } = context.appState();
  await askToEnd(
    context,
    sessions.filter(({ id }) => findSession(snapshot, id) !== undefined),
  );
}

/**
 * Whether the end is proven: the server no longer knows the session. @throws {NotSent} if the user has to be asked
 * again.
 */
async function endOne(
  context: EndContext,
  session: Session,
  { lookedAt, ...consent }: Consent & { readonly lookedAt: Moment },
  signal: AbortSignal,
): Promise<boolean> {
  const { store, money, clock } = context;
  const { id } = session;
  const isWithoutRender = async () => {
    if (elapsed(clock, lookedAt) > FRESH) await look(context, [session]);
    return rendering(context, [session]).size === 0;
  };
  const isToLook = pageOf(session) !== undefined && !consent.knownToRender.has(id);
  const permit = consent.yes.permit(isToLook ? isWithoutRender : undefined);
  const { byAgent } = consent;
  const how = { ...(session.phase === 'starting' ? { isUnready: true } : {}), ...(byAgent ? { byAgent } : {}) };
  const note = { kind: 'ended', by: 'you', ...how } as const;
  const noted = () => Promise.resolve(void money.recorder.note(id, note));
  await store.end(id, signal, { permit: bothOf(permit, noted) });
  return untilGone(store, clock, id, PATIENCE);
}

/** Reads the current activity; if that takes too long, the last known one is used. */
async function look({ monitor, clock }: EndContext, sessions: readonly Session[]): Promise<void> {
  const looks = Promise.all(sessions.map(({ id }) => monitor.lookAt(id)));
  await atMost(clock, LONGEST_LOOK, looks).catch(() => undefined); // then the last known activity is used
}

async function ask(context: EndContext, sessions: readonly Session[]): Promise<Yes | undefined> {
  const isAgreed = await isWanted(context, sessions);
  return isAgreed ? context.acts.agreed() : undefined;
}

async function isWanted(context: EndContext, sessions: readonly Session[]): Promise<boolean> {
  const loss = await lossText(context, sessions);
  const input = context.appState();
  const [session] = sessions;
  if (sessions.length > 1 || !session) return askOfMany(input, sessions, loss);
  const rendering = renderingText(session, input);
  const question = l10n.t({
    message: 'End {0}, {1}?',
    args: [whoseSession(session, input), stateText(session, input.now)],
    comment: ['{0} is “the session on …”, {1} its state, such as “12 min left”.'],
  });
  if (rendering === undefined) return confirm(question, loss, l10n.t('End Session'));
  const detail = l10n.t({
    message: 'It is {0}. {1}',
    args: [rendering, loss],
    comment: ['{0} is what the session does, such as “rendering, 2 queued”; {1} is a sentence.'],
  });
  const [whenEmpty, endNow] = [l10n.t('End When Queue Is Empty'), l10n.t('End Now')];
  const extend = l10n.t('Extend {0}', minutesText(EXTRA_MINUTES));
  const answer = await choose(question, detail, whenEmpty, endNow, extend);
  const minutes = EXTRA_MINUTES;
  if (answer === whenEmpty) await prefer(context, session, { finishThenEnd: true });
  if (answer === extend) await runOnSession('extendSession', session.id, { minutes, yes: context.acts.agreed() });
  return answer === endNow;
}

function askOfMany(
  input: AskInput & Pick<EndInput, 'prices'>,
  sessions: readonly Session[],
  loss: string,
): Promise<boolean> {
  const doing = (session: Session) => renderingText(session, input);
  // Sessions with renders come first, so that the shortened list contains them.
  const isSafe = (session: Session) => Number(doing(session) === undefined);
  const lines = [...nextToEnd(sessions)]
    .sort((a, b) => isSafe(a) - isSafe(b))
    .map((session) => [describe(session, input), doing(session)].filter((part) => part !== undefined).join(', '));
  const question = l10n.t('End {0} sessions?', sessions.length);
  const detail = [tenLines(lines), '', `${togetherText(sessions, input.prices)} ${loss}`].join('\n');
  return confirm(question, detail, l10n.t('End All Sessions'));
}

/** `rendering, 2 queued`, as far as known. */
function renderingText({ id }: Session, { work, now }: RenderingInput): string | undefined {
  const known = work.get(id);
  return known && knownOf(known)?.kind === 'rendering' ? (workText(known, now) ?? l10n.t('rendering')) : undefined;
}

function describe(session: Session, input: StateAndOwnerInput): string {
  return `${whoseTitle(session, input)}, ${stateText(session, input.now)}${apart(session, input.snapshot)}`;
}
