import type { ComfyDeployClient } from '../comfydeploy/client';
import { isAbort, toApiError } from '../platform/errors';
import type { Rows } from '../comfydeploy/rowReading';
import type { MachineEvent } from '../comfydeploy/wire';
import type { Intents } from './intents';
import type { Early, EarlyFields } from './ledger';
import type { Logger } from '../platform/logger';
import {
  knownStart,
  latestStart,
  pageOf,
  type Doubt,
  type MachineId,
  type Session,
  type SessionId,
} from '../comfydeploy/model';
import { ageOf, isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { CONTAINER_LIMIT, isClosedAtBirth, isLeak, runsOn } from './events';
import { mayMean } from './kept';
import type { ServerTime } from '../platform/serverTime';
import { ending, type Snapshot } from './snapshot';
import { MINUTE } from '../platform/units';

export interface LeaksOptions {
  readonly api: Pick<ComfyDeployClient, 'listMachineEvents'>;
  readonly intents: Pick<Intents, 'state' | 'claim' | 'note'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
}

/** A container that runs on although its session was closed. */
export interface Leak {
  readonly of: EarlyFields;
  readonly startedAt: number;
}

/** The server stores its call of a container slightly after it has answered, ms. */
const STORED = 2_000;
/** Unless the queue is slow, a container is called within ten seconds of the request, ms. */
const USUALLY_CALLED = 12_000;
/** The server gives up on a container after ten minutes and ends the session itself, ms. */
const LONGEST_QUEUE = 630_000;
/** How long after its session was closed a container may still start: the longest queue, and a margin. */
export const MAY_COME = 15 * MINUTE;
const LOOK_AGAIN = { asked: 5_000, closed: 10_000, leaked: 300_000 } as const;

/**
 * Sessions whose end was requested before they had a container. The server closes such a session (DELETE answers 400
 * "Modal function id not found", GET answers 404 from then on) and forgets the container that it has called. That
 * container may still start, and then runs and is billed up to its limit of a day. So such an end waits until it is
 * safe; where that was not possible, the machine's events are read until they show the outcome.
 */
export class Leaks {
  /** Steady clock, ms. */
  readonly #lookedAt = new Map<SessionId, number>();
  /** Sessions whose container the server knows by now. */
  readonly #up = new Set<SessionId>();
  #new: SessionId[] = [];

  constructor(private readonly options: LeaksOptions) {}

  /** How long the end of a session has to wait, ms. A session that waits for its container is not billed. */
  waitOf(session: Session): number {
    const { intents, serverTime } = this.options;
    // A session that is stopping has no page any more.
    if (pageOf(session) !== undefined) this.#up.add(session.id);
    if (isWithoutMachine(session) || this.#up.has(session.id)) return 0;
    const now = serverTime.now();
    const birth = intents.state.births.get(session.id);
    const longest = birth ? (birth.isCalled ? STORED : LONGEST_QUEUE) : USUALLY_CALLED;
    const began = birth?.isCalled ? birth.answeredAt : knownStart(session);
    const age = began === undefined ? undefined : ageOf(began, now);
    return age === undefined ? 0 : Math.max(0, longest - age);
  }

  /** Adds to the server snapshot what was requested and is not proven yet. */
  withIntents(fromServer: Snapshot): Snapshot {
    const { ends, creates, early } = this.options.intents.state;
    if (fromServer.kind !== 'ready' || ends.size + creates.size + early.size === 0) return fromServer;
    const sessions = this.shownOf(fromServer.sessions);
    return creates.size === 0 ? { ...fromServer, sessions } : { ...fromServer, sessions, isUnsettled: true };
  }

  /**
   * Sessions as shown: `ending` if their end was requested, plus sessions that the server closed and may still bill.
   */
  shownOf(alive: readonly Session[]): readonly Session[] {
    const { ends } = this.options.intents.state;
    const closed = this.#closed;
    const ids = new Set(closed.map(({ id }) => id));
    const shown = alive.filter(({ id }) => !ids.has(id));
    return [...shown.map((session) => (ends.has(session.id) ? this.#asEnding(session) : session)), ...closed];
  }

  #asEnding(session: Session): Session {
    return this.waitOf(session) > 0 ? { ...ending(session), doubt: { kind: 'tooSoon' } } : ending(session);
  }

  /** Only the ledger and the machine's events show these. */
  get #closed(): readonly Session[] {
    return [...this.options.intents.state.early].flatMap(([id, early]) => {
      const doubt = doubtAbout(early);
      if (!doubt) return [];
      const { machineId, gpu, gpuEventId, createdAt, userId } = early;
      const fields = { id, machineId, gpu, gpuEventId, createdAt, userId };
      return [{ ...fields, phase: 'ending', minutesAsked: undefined, machineVersionId: undefined, doubt } as const];
    });
  }

  /** The end of a session is being requested: if it has no page yet, it is recorded so that it can be looked for. */
  async noteAsked(session: Session | undefined): Promise<void> {
    const hasContainer = session === undefined || pageOf(session) !== undefined;
    // Without a machine there are no events to show the outcome: only the answer can.
    if (hasContainer || session.machineId === undefined) return;
    const of = fieldsOf(session, this.options.serverTime.now());
    await this.options.intents.note({ kind: 'endedEarly', sessionId: session.id, of });
  }

  /** The server has closed the session without a container. */
  async noteClosed(id: SessionId, session: Session | undefined): Promise<void> {
    const { intents, serverTime, log } = this.options;
    const now = serverTime.now();
    const of = intents.state.early.get(id) ?? (session && fieldsOf(session, now));
    log.warn(`Session ${id} was closed before it had a container, which may come up all the same.`);
    if (of) await intents.note({ kind: 'closedEarly', sessionId: id, of: plainly(of), at: now });
  }

  /** @param unknown sessions that the server answers 404 for. @returns those of them that have ended for certain. */
  async sift(unknown: readonly SessionId[], signal: AbortSignal): Promise<readonly SessionId[]> {
    const { early } = this.options.intents.state;
    const asked = unknown.filter((id) => early.get(id)?.stage === 'asked');
    const rows = await this.#rowsOf(asked, signal);
    for (const id of asked) await this.#siftOne(id, rows.get(id));
    return unknown.filter((id) => {
      const stage = this.options.intents.state.early.get(id)?.stage;
      return stage === undefined || stage === 'asked';
    });
  }

  /** Checks the sessions that are due. @returns those that ended or never ran. */
  async look(signal: AbortSignal): Promise<readonly SessionId[]> {
    const { clock, intents } = this.options;
    const now = clock.monotonic();
    const due = [...intents.state.early].filter(([id, { stage }]) => {
      if (stage === 'asked' && this.#up.has(id)) return false;
      return isOlder(this.#lookedAt.get(id), LOOK_AGAIN[stage] - 1, now);
    });
    if (due.length === 0) return [];
    for (const [id] of due) this.#lookedAt.set(id, now);
    const rows = await this.#rowsOf(
      due.map(([id]) => id),
      signal,
    );
    const over: SessionId[] = [];
    for (const [id, early] of due) if (await this.#conclude(id, early, rows.get(id))) over.push(id);
    return over;
  }

  /** A session that was closed elsewhere, for example early in the dashboard, and whose container started. */
  async noteLeak(id: SessionId, of: EarlyFields, startedAt: number): Promise<void> {
    const { intents, log } = this.options;
    const event = { kind: 'leaked', sessionId: id, of: plainly(of), startedAt } as const;
    const isNews = await intents
      .claim(event, ({ early }) => early.get(id)?.stage !== 'leaked')
      .catch(() => intents.state.early.get(id)?.stage !== 'leaked'); // report the leak even if the disk fails
    if (!isNews) return;
    if (intents.state.early.get(id)?.stage !== 'leaked') await intents.note(event);
    log.warn(`Session ${id} was closed, and yet its container runs and is billed.`);
    this.#new.push(id);
  }

  /** Leaks that were found since, each once: to be announced when the snapshot shows them. */
  takeNew(): readonly SessionId[] {
    return this.#new.splice(0);
  }

  /** The session is over. */
  forget(id: SessionId): void {
    this.#lookedAt.delete(id);
    this.#up.delete(id);
  }

  reset(): void {
    this.#new = [];
    this.#lookedAt.clear();
    this.#up.clear();
  }

  /** @param row undefined if the machine's rows could not be read, null if they do not contain it. */
  async #siftOne(id: SessionId, row: MachineEvent | null | undefined): Promise<void> {
    const early = this.options.intents.state.early.get(id);
    if (!early) return;
    if (row && isLeak(row)) return this.noteLeak(id, early, row.startedAt ?? row.createdAt);
    const isOpen = row === undefined || (row !== null && isClosedAtBirth(row));
    if (isOpen) await this.noteClosed(id, undefined);
  }

  async #conclude(id: SessionId, early: Early, row: MachineEvent | null | undefined): Promise<boolean> {
    const now = this.options.serverTime.now();
    if (early.stage === 'closed' && early.machineId === undefined) return isOlder(early.at, MAY_COME, now);
    if (row === undefined) return false;
    if (early.stage === 'asked') {
      if (row && row.endedAt === undefined && row.startedAt !== undefined) this.#up.add(id);
      return false;
    }
    if (row && isLeak(row)) {
      if (early.stage === 'closed') await this.noteLeak(id, early, row.startedAt ?? now);
      return false;
    }
    if (row && runsOn(row)) return false;
    // The bill drops rows a day after their start; the container was stopped by then.
    if (early.stage === 'leaked') return row !== null || now - early.startedAt > CONTAINER_LIMIT;
    const isEnded = row !== null && !isClosedAtBirth(row);
    return isEnded || isOlder(early.at, MAY_COME, now);
  }

  /** The billing row of each session; undefined if the bill of its machine cannot be read. */
  async #rowsOf(
    ids: readonly SessionId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SessionId, MachineEvent | null | undefined>> {
    const { early } = this.options.intents.state;
    const machines = new Set(ids.flatMap((id) => early.get(id)?.machineId ?? []));
    const bills = new Map(
      await Promise.all([...machines].map(async (id) => [id, await this.#bill(id, signal)] as const)),
    );
    return new Map(
      ids.map((id) => {
        const machine = early.get(id)?.machineId;
        const bill = machine && bills.get(machine);
        const row = bill?.rows.find(({ sessionId }) => sessionId === id);
        return [id, row ?? (bill && !mayMean(bill.skipped, id) ? null : undefined)] as const;
      }),
    );
  }

  async #bill(id: MachineId, signal: AbortSignal): Promise<Rows<MachineEvent> | undefined> {
    try {
      return await this.options.api.listMachineEvents(id, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      const { kind, message } = toApiError(error);
      this.options.log.warn(`The bill of machine ${id} could not be read (${kind}): ${message}`);
      return undefined; // read again later
    }
  }
}

function doubtAbout(early: Early): Doubt | undefined {
  if (early.stage === 'asked') return undefined;
  if (early.stage === 'leaked')
    return { kind: 'leaked', startedAt: early.startedAt, until: early.startedAt + CONTAINER_LIMIT };
  const until = early.at + MAY_COME;
  return early.machineId === undefined
    ? { kind: 'unseen', until, limit: until + CONTAINER_LIMIT }
    : { kind: 'unproven', until };
}

/** The server says that it has no machine; different from a machine that cannot be read. */
function isWithoutMachine({ machineId, unread = [] }: Session): boolean {
  return machineId === undefined && !unread.includes('machineId');
}

function fieldsOf(session: Session, now: number): EarlyFields {
  const { machineId, gpu, gpuEventId, userId } = session;
  return plainly({ machineId, gpu, gpuEventId, createdAt: latestStart(session, now), userId });
}

function plainly({ machineId, gpu, gpuEventId, createdAt, userId }: EarlyFields): EarlyFields {
  return {
    ...(machineId === undefined ? {} : { machineId }),
    gpu,
    gpuEventId,
    createdAt,
    ...(userId === undefined ? {} : { userId }),
  };
}
