import * as l10n from '@vscode/l10n';
import { missingLast, type MissingOn } from '../checkText';
import { ApiError } from '../../platform/errors';
import { pageOf, type MachineId, type Session, type SessionId } from '../../comfydeploy/model';
import { capabilitiesOf } from '../../sessions/capabilities';
import { apart } from '../../sessions/twins';
import { sessionTitle, stateAndOwner, type StateAndOwnerInput } from '../../sessions/sessionText';
import { findSession, ownFirst, ownSessions, sessionsOf, type Snapshot } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import { NotStarted, untilReady } from '../../sessions/waits';
import type { Choice } from '../../platform/choice';
import { pick, withProgress } from '../../platform/ui/pick';

interface FrontTarget {
  /** The session whose tab is in front, if it still exists. */
  inFront(): Session | undefined;
}

export interface SessionForWorkContext {
  readonly appState: () => StateAndOwnerInput;
  readonly store: Store;
  readonly targets: FrontTarget;
  /** What the machines lack. */
  readonly missingOn: () => Promise<MissingOn | undefined>;
  /** Asks for a new session, waits for it and shows it. Undefined if the user cancels. */
  readonly create: (missing: MissingOn | undefined) => Promise<Session | undefined>;
}

/** Purposes whose session is chosen in another way. */
export type Purpose = 'run' | 'cheapest';

const NEW = 'new';

/**
 * A session with a page to work in: the one in front, the user's only one, one that the user picks, or a new one.
 * Undefined if the user cancels. @param on sessions of this machine come first, and no other is used unasked.
 * @throws {ApiError} if it ends before it is ready.
 */
export async function sessionForWork(
  context: SessionForWorkContext,
  ask: string,
  on?: MachineId,
): Promise<Session | undefined> {
  const { appState, targets, missingOn, create } = context;
  const { snapshot } = appState();
  const usable = sessionsOf(snapshot).filter((session) => capabilitiesOf(session).includes('+open'));
  const own = ownSessions(snapshot).filter((session) => usable.includes(session));
  const inFront = targets.inFront();
  const fits = ({ machineId }: Session) => on === undefined || machineId === on;
  if (inFront && usable.includes(inFront) && fits(inFront)) return ready(context, inFront);
  if (usable.length === 0) return create(await missingOn());
  const [only] = own;
  if (only && own.length === 1 && usable.length === 1 && fits(only)) return ready(context, only);
  const another = { value: NEW, icon: 'add', label: l10n.t('New Session…'), description: '' } as const;
  const missing = await missingOn();
  const offered = ownFirst(usable, snapshot);
  const there = [...offered.filter(fits), ...offered.filter((session) => !fits(session))];
  const chosen = await choose({ appState, missing }, ask, there, another);
  if (chosen === NEW) return create(missing);
  return chosen && ready(context, chosen);
}

/** A session with a page; undefined if it has none, or is over. */
export function usableSession(snapshot: Snapshot, id: SessionId): Session | undefined {
  const session = findSession(snapshot, id);
  return session && pageOf(session) !== undefined && capabilitiesOf(session).includes('+open') ? session : undefined;
}

/**
 * A session whose ComfyUI is running, so that reading from it costs nothing more. Undefined if the user cancels.
 * @throws {ApiError} if there is none.
 */
export async function runningSession(
  { appState, targets }: Pick<SessionForWorkContext, 'appState' | 'targets'>,
  ask: string,
): Promise<Session | undefined> {
  const { snapshot } = appState();
  const running = ownFirst(sessionsOf(snapshot), snapshot).filter((session) => pageOf(session) !== undefined);
  const inFront = targets.inFront();
  if (inFront && running.includes(inFront)) return inFront;
  const [first, ...others] = running;
  if (!first)
    throw new ApiError(
      'refused',
      l10n.t('A running session is needed: only its ComfyUI knows its nodes. Start a session and try again.'),
    );
  if (others.length === 0) return first;
  const chosen = await choose({ appState }, ask, running);
  return chosen === NEW ? undefined : chosen;
}

async function choose(
  { appState, missing }: Pick<SessionForWorkContext, 'appState'> & { readonly missing?: MissingOn | undefined },
  title: string,
  sessions: readonly Session[],
  ...others: readonly Choice<typeof NEW>[]
): Promise<Session | typeof NEW | undefined> {
  const choices = sessions.map((session) => ({
    value: session,
    label: sessionTitle(session, appState().snapshot),
    description: stateAndOwner(session, appState()) + apart(session, appState().snapshot),
  }));
  const chosen = await pick<Session | typeof NEW>({
    title,
    placeholder: l10n.t('Choose a session'),
    choices: [...missingLast(choices, missing, ({ machineId }) => machineId), ...others],
  });
  return typeof chosen === 'symbol' ? undefined : chosen;
}

/** Waits for a session that is starting; if that fails, whoever started it reports it too. */
async function ready({ store, appState }: SessionForWorkContext, session: Session): Promise<Session | undefined> {
  if (pageOf(session) !== undefined) return session;
  const name = sessionTitle(session, appState().snapshot);
  const title = l10n.t('Waiting for {0} to start', name);
  try {
    await withProgress(title, (signal) => untilReady(store, session.id, signal));
  } catch (error) {
    if (error instanceof NotStarted)
      throw new ApiError('missing', l10n.t('{0} did not start.', name), { cause: error });
    throw error;
  }
  return findSession(appState().snapshot, session.id);
}
