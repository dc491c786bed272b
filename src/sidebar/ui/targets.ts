import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { ApiError } from '../../platform/errors';
import { MachineId, SessionId, type Machine, type Session } from '../../comfydeploy/model';
import { abilitiesOf } from '../rows';
import { nextToEnd } from '../../sessions/deadline';
import { sessionName, stateAndOwner, type StateAndOwnerInput } from '../../sessions/sessionText';
import { findSession, machinesOf, ownFirst, sessionsOf, type Snapshot } from '../../sessions/snapshot';
import { isOurs } from '../../platform/ui/ours';
import { pairOf } from '../../platform/unread';
import { pick } from '../../platform/ui/pick';

const Target = z.lazy(() =>
  z.union([
    z.object({ kind: z.literal(['session', 'outputs', 'noOutputs', 'output']), sessionId: SessionId }),
    z.object({ kind: z.literal('machine'), machineId: MachineId }),
    /** None of them, whatever is in front: the user chooses. */
    z.object({ kind: z.literal('all') }),
  ]),
);
/**
 * What key bindings carry: VS Code has put the row that has the focus in the second place, as it was when the key was
 * pressed, or nothing. The selection is not that row: arrow keys leave it where it is.
 */
const FromKey = z.lazy(() =>
  z.pipe(pairOf('key', 'row'), z.object({ key: z.object({ from: z.literal('focus') }), row: z.optional(z.unknown()) })),
);
/** A key was pressed where no session and no machine is. */
const NOTHING = { kind: 'nothing' } as const;

export interface TargetSources {
  readonly appState: () => StateAndOwnerInput;
  /** The session of the editor tab in front. */
  readonly activeTab: () => SessionId | undefined;
}

/**
 * Finds what a command is about: its row, the tab in front, or whatever the user picks. A machine's row stands for the
 * sessions on it. A key is about the row that has the focus, and about nothing where that is not known.
 */
export class Targets {
  constructor(private readonly sources: TargetSources) {}

  /**
   * @param capability only sessions that can do this are offered, in the words of `when` clauses; `+session` is any.
   * @param ask what the user is asked if the target names no session.
   * @throws {ApiError} `missing` if it names one that is gone, as a notice may that was left standing.
   */
  async session(target: unknown, capability: string, ask: string): Promise<Session | undefined> {
    const { snapshot } = this.sources.appState();
    const named = this.#named(target);
    if (named?.kind === 'nothing') return undefined;
    if (named && 'sessionId' in named) {
      // Whoever presses Delete on a file does not mean the session.
      if (named.kind !== 'session' && capability === '+end') return undefined;
      return findNamed(snapshot, named.sessionId);
    }
    const inFront = this.inFront();
    if (inFront && !named) return inFront;
    const able = sessionsOf(snapshot)
      .filter((session) => ['+session', ...abilitiesOf(session, snapshot)].includes(capability))
      .filter(({ machineId }) => named?.kind !== 'machine' || machineId === named.machineId);
    return able.length <= 1 ? able[0] : this.#pickSession(able, ask);
  }

  /** The same where it need not exist any more: a session that is named, or whose tab is in front, may be over. */
  async sessionId(target: unknown, ask: string): Promise<SessionId | undefined> {
    const named = this.#named(target);
    if (named?.kind === 'nothing') return undefined;
    if (named && 'sessionId' in named) return named.sessionId;
    const active = named ? undefined : this.sources.activeTab();
    return active ?? (await this.session(target, '+session', ask))?.id;
  }

  /** The session whose tab is in front, as long as it lives. */
  inFront(): Session | undefined {
    const active = this.sources.activeTab();
    return active && findSession(this.sources.appState().snapshot, active);
  }

  /** The machine of a machine's row. */
  machine(target: unknown): Machine | undefined {
    const named = this.#named(target);
    return named?.kind === 'machine' ? this.#machineWith(named.machineId) : undefined;
  }

  /** The same, also of a session's row. */
  machineNear(target: unknown): Machine | undefined {
    const named = this.#named(target);
    if (!named || !('sessionId' in named)) return this.machine(target);
    return this.#machineWith(findSession(this.sources.appState().snapshot, named.sessionId)?.machineId);
  }

  #machineWith(id: MachineId | undefined): Machine | undefined {
    return machinesOf(this.sources.appState().snapshot).find((machine) => machine.id === id);
  }

  /** Whether somebody else names a session: another extension, or a link to a command. */
  isForeign(target: unknown): boolean {
    return !isOurs(target) && this.#named(target) !== undefined;
  }

  /** What the command was called with, as far as it says anything. */
  #named(target: unknown): z.output<typeof Target> | typeof NOTHING | undefined {
    const key = FromKey.safeParse(target);
    const parsed = Target.safeParse(key.success ? key.data.row : target);
    return parsed.success ? parsed.data : key.success ? NOTHING : undefined;
  }

  async #pickSession(sessions: readonly Session[], title: string): Promise<Session | undefined> {
    const input = this.sources.appState();
    const choices = ownFirst(nextToEnd(sessions), input.snapshot).map((session) => ({
      value: session,
      label: sessionName(session, input.snapshot),
      description: stateAndOwner(session, input),
    }));
    const picked = await pick({ title, placeholder: l10n.t('Choose a session'), choices });
    return typeof picked === 'symbol' ? undefined : picked;
  }
}

function findNamed(snapshot: Snapshot, id: SessionId): Session {
  const session = findSession(snapshot, id);
  if (session) return session;
  throw new ApiError('missing', l10n.t('This session has already ended.'));
}
