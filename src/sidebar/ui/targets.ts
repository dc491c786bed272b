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
import { apart } from '../../sessions/twins';

const Target = z.lazy(() =>
  z.union([
    z.object({ kind: z.literal(['session', 'outputs', 'noOutputs', 'output']), sessionId: SessionId }),
    z.object({ kind: z.literal('machine'), machineId: MachineId }),
    /** No particular session, whatever tab is in front: the user chooses. */
    z.object({ kind: z.literal('all') }),
  ]),
);
/**
 * What key bindings pass: VS Code adds the row that had the focus when the key was pressed, or nothing, as a second
 * value. The selection may be another row, since arrow keys do not change it.
 */
const FromKey = z.lazy(() =>
  z.pipe(pairOf('key', 'row'), z.object({ key: z.object({ from: z.literal('focus') }), row: z.optional(z.unknown()) })),
);
/** A key was pressed with the focus on neither a session nor a machine. */
const NOTHING = { kind: 'nothing' } as const;

const Selected = z.lazy(() => z.object({ selected: z.array(z.unknown()) }));

export interface TargetSources {
  readonly appState: () => StateAndOwnerInput;
  /** The session of the editor tab in front. */
  readonly activeTab: () => SessionId | undefined;
  /** The selected rows. */
  readonly selection?: () => readonly unknown[];
}

/**
 * Finds the session that a command is about: its row, the tab in front, or one that the user picks. A machine's row
 * stands for its sessions. A key applies to the
 * focused row, and to the other selected ones if that is among them.
 */
export class Targets {
  constructor(private readonly sources: TargetSources) {}

  /**
   * @param capability only sessions that can do this are offered, in the words of `when` clauses; `+session` is any.
   * @param ask the question if the target names no session.
   * @throws {ApiError} `missing` if it names a session that is gone, for example in an old notice.
   */
  async session(target: unknown, capability: string, ask: string): Promise<Session | undefined> {
    const { snapshot } = this.sources.appState();
    const named = this.#named(target);
    if (named?.kind === 'nothing') return undefined;
    if (named && 'sessionId' in named) {
      // Delete pressed on a file is not meant for its session.
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

  /** The same for several selected rows, each session once. A row that stands for none is left out. */
  async sessions(target: unknown, capability: string, ask: string): Promise<readonly Session[]> {
    const many = Selected.safeParse(this.#withSelection(target));
    if (!many.success) {
      const session = await this.session(target, capability, ask);
      return session ? [session] : [];
    }
    const { snapshot } = this.sources.appState();
    const named = many.data.selected.map((row) => this.#named(row));
    const isMeant = ({ id, machineId }: Session) =>
      named.some((row) =>
        row?.kind === 'machine'
          ? row.machineId === machineId
          : row && 'sessionId' in row && row.kind === 'session' && row.sessionId === id,
      );
    return sessionsOf(snapshot).filter(
      (session) => isMeant(session) && abilitiesOf(session, snapshot).includes(capability),
    );
  }

  #withSelection(target: unknown): unknown {
    const selected = this.sources.selection?.() ?? [];
    const pressedOn = JSON.stringify(this.#named(target));
    const isAmong = selected.length > 1 && selected.some((row) => JSON.stringify(this.#named(row)) === pressedOn);
    return isAmong && FromKey.safeParse(target).success ? { selected } : target;
  }

  /** The same for a session that may already be over. */
  async sessionId(target: unknown, ask: string): Promise<SessionId | undefined> {
    const named = this.#named(target);
    if (named?.kind === 'nothing') return undefined;
    if (named && 'sessionId' in named) return named.sessionId;
    const active = named ? undefined : this.sources.activeTab();
    return active ?? (await this.session(target, '+session', ask))?.id;
  }

  /** The session whose tab is in front, if it still exists. */
  inFront(): Session | undefined {
    const active = this.sources.activeTab();
    return active && findSession(this.sources.appState().snapshot, active);
  }

  /** The machine of a machine's row. */
  machine(target: unknown): Machine | undefined {
    const named = this.#named(target);
    return named?.kind === 'machine' ? this.#machineWith(named.machineId) : undefined;
  }

  /** The machine of a machine's or a session's row. */
  machineNear(target: unknown): Machine | undefined {
    const named = this.#named(target);
    if (!named || !('sessionId' in named)) return this.machine(target);
    return this.#machineWith(findSession(this.sources.appState().snapshot, named.sessionId)?.machineId);
  }

  #machineWith(id: MachineId | undefined): Machine | undefined {
    return machinesOf(this.sources.appState().snapshot).find((machine) => machine.id === id);
  }

  /** Whether another extension, or a link to a command, named the session. */
  isForeign(target: unknown): boolean {
    return !isOurs(target) && this.#named(target) !== undefined;
  }

  /** What the command was called with, if it can be read. */
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
      description: stateAndOwner(session, input) + apart(session, input.snapshot),
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
