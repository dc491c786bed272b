import { accountOf } from '../api/account';
import { backoff } from '../api/backoff';
import type { ComfyDeployClient, NewSession } from '../api/client';
import { isAbort, toApiError, type ApiError } from '../api/errors';
import type { Logger } from '../logger';
import type { Session, SessionId } from '../model';
import type { Clock } from './clock';
import { Emitter, type Disposable } from './emitter';
import { addMinutes, findLostCreate, type Extension } from './writes';
import { Endings } from './endings';
import type { KeyRing } from './keyRing';
import type { ServerTime } from './serverTime';
import { findSession, problemOf, sessionsOf, type Ended, type Problem, type Snapshot } from './snapshot';

export interface StoreOptions {
  readonly api: ComfyDeployClient;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

const FIRST_RETRY = 5_000;
const LONGEST_RETRY = 300_000;
const LONGEST_RETRY_AFTER = 3_600_000;

/** Owns what is known about machines and sessions. Everything on screen is a projection of `snapshot`. */
export class Store implements Disposable {
  readonly #changed = new Emitter<Snapshot>();
  readonly #ended = new Emitter<Ended>();
  readonly onDidChange = this.#changed.event;
  /** Proven: the server no longer knows the session. */
  readonly onDidEnd = this.#ended.event;
  /** Born here: looked up singly while the list leaves them out. */
  readonly #created = new Set<SessionId>();
  readonly #cancelled = new Set<SessionId>();
  readonly #endings: Endings;
  /** As the server told it; the snapshot adds what we have asked for. */
  #truth: Snapshot = { kind: 'loading' };
  #snapshot: Snapshot = this.#truth;
  #epoch = 0;
  #round: { readonly epoch: number; readonly controller: AbortController; readonly done: Promise<void> } | undefined;

  constructor(private readonly options: StoreOptions) {
    this.#endings = new Endings(options.serverTime);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Whether the session is known or was born here, and has not been proven gone. */
  follows(id: SessionId): boolean {
    return this.#created.has(id) || findSession(this.#truth, id) !== undefined;
  }

  /**
   * Learns what is true now. A failed fetch is not thrown but shown: it becomes part of the snapshot.
   * Never two at once: who asks again meanwhile waits for the one that is out, unless a write has made it stale.
   */
  refresh(): Promise<void> {
    if (this.#round?.epoch === this.#epoch) return this.#round.done;
    this.#round?.controller.abort();
    const controller = new AbortController();
    const round = { epoch: this.#epoch, controller, done: this.#refreshOnce(this.#epoch, controller.signal) };
    this.#round = round;
    return round.done.finally(() => {
      if (this.#round === round) this.#round = undefined;
    });
  }

  /**
   * Starts a session and says its id, also when the answer was lost but the session can be found.
   * Takes no signal: giving up on the answer would not give up the GPU.
   * @throws {ApiError}
   */
  async create(request: NewSession): Promise<SessionId> {
    const { api, serverTime, clock, log } = this.options;
    const known = new Set(sessionsOf(this.#snapshot).map(({ id }) => id));
    const askedAt = serverTime.now();
    const account = accountOf((await this.options.keys.get())?.token ?? '');
    const id = await api.createSession(request).catch((error: unknown) => {
      const failure = toApiError(error);
      if (!failure.outcomeUnknown) throw failure;
      log.warn(`Create: the answer was lost (${failure.kind}); looking for the session.`);
      return findLostCreate({ api, clock, request, known, account, askedAt, failure });
    });
    this.#created.add(id);
    await this.#afterWrite();
    return id;
  }

  /** Adds minutes and proves it by reading the session back. @throws {ApiError} */
  async extend(id: SessionId, minutes: number, signal?: AbortSignal): Promise<Extension> {
    // Without a deadline from the start, or only from now on because it is stopping?
    const isOld = findSession(this.#snapshot, id)?.phase === 'undated';
    try {
      return await addMinutes({ api: this.options.api, id, minutes, isOld, signal });
    } finally {
      await this.#afterWrite();
    }
  }

  /**
   * Asks for the end of a session. It stays in the snapshot, ending and billed, until the server no longer knows it.
   * @throws {ApiError} if the server did not take the request.
   */
  async cancel(id: SessionId, signal?: AbortSignal): Promise<void> {
    this.#cancelled.add(id);
    this.#publish(this.#truth);
    try {
      await this.options.api.cancelSession(id, signal);
    } catch (error) {
      this.#cancelled.delete(id);
      throw error;
    } finally {
      await this.#afterWrite();
    }
  }

  /** Another account, or none: what we knew no longer applies. */
  reset(): void {
    this.#epoch++;
    this.#created.clear();
    this.#cancelled.clear();
    this.#endings.clear();
    this.#publish({ kind: 'loading' });
  }

  dispose(): void {
    this.#epoch++;
    this.#round?.controller.abort();
    this.#changed.dispose();
    this.#ended.dispose();
  }

  /** A write makes every answer still in flight older than the truth, so drop those and ask again. */
  async #afterWrite(): Promise<void> {
    this.#epoch++;
    await this.refresh();
  }

  async #refreshOnce(epoch: number, signal: AbortSignal): Promise<void> {
    const missing = new Set<SessionId>();
    const next = await this.#learn(missing, signal).catch((error: unknown) => this.#afterFailure(error));
    if (next && epoch === this.#epoch) this.#publish(next, next.kind === 'ready' ? missing : undefined);
  }

  /** @param missing collects the sessions that the server says it does not know. */
  async #learn(missing: Set<SessionId>, signal: AbortSignal): Promise<Snapshot> {
    const { api, clock, keys } = this.options;
    const key = await keys.get();
    if (!key) return { kind: 'signedOut' };
    const [machines, sessions] = await Promise.all([api.listMachines(signal), api.listSessions(signal)]);
    const unlisted = await this.#lookUpUnlisted(sessions.rows, missing, signal);
    return {
      kind: 'ready',
      account: accountOf(key.token),
      keySource: key.source,
      machines: machines.rows,
      sessions: [...sessions.rows, ...unlisted],
      asOf: clock.now(),
      skipped: [...machines.skipped, ...sessions.skipped],
    };
  }

  /** The list hides billed sessions: those without a deadline, and those that are still stopping. */
  async #lookUpUnlisted(
    listed: readonly Session[],
    missing: Set<SessionId>,
    signal: AbortSignal,
  ): Promise<readonly Session[]> {
    const seen = new Set(listed.map(({ id }) => id));
    const known = sessionsOf(this.#snapshot).map(({ id }) => id);
    const hidden = [...new Set([...known, ...this.#created, ...this.#cancelled])].filter((id) => !seen.has(id));
    const found = await Promise.all(hidden.map((id) => this.#lookUp(id, missing, signal)));
    return found.filter((session) => session !== undefined);
  }

  async #lookUp(id: SessionId, missing: Set<SessionId>, signal: AbortSignal): Promise<Session | undefined> {
    try {
      const session = await this.options.api.getSession(id, signal);
      const before = findSession(this.#truth, id);
      // It had a deadline and has none now: it is stopping, whoever asked for that.
      const isStopping = session.phase === 'undated' && before !== undefined && before.phase !== 'undated';
      return isStopping ? ending(session) : session;
    } catch (error) {
      if (isAbort(error)) throw error;
      const failure = toApiError(error);
      if (failure.kind === 'unauthorized') throw failure;
      if (failure.kind !== 'missing') return findSession(this.#truth, id);
      missing.add(id);
      return undefined;
    }
  }

  #withCancelled(truth: Snapshot): Snapshot {
    if (truth.kind !== 'ready' || this.#cancelled.size === 0) return truth;
    const sessions = truth.sessions.map((session) => (this.#cancelled.has(session.id) ? ending(session) : session));
    return { ...truth, sessions };
  }

  async #afterFailure(error: unknown): Promise<Snapshot | undefined> {
    if (isAbort(error)) return undefined;
    const failure = toApiError(error);
    this.options.log.warn(`Refresh failed (${failure.kind}): ${failure.message}`);
    if (failure.kind === 'unauthorized') return { kind: 'signedOut', reason: await this.#reasonForRejection() };
    const problem = this.#problem(failure);
    return this.#truth.kind === 'ready' ? { ...this.#truth, problem } : { kind: 'failed', problem };
  }

  async #reasonForRejection(): Promise<'expired' | 'rejected'> {
    const expiresAt = accountOf((await this.options.keys.get())?.token ?? '').expiresAt;
    return expiresAt !== undefined && expiresAt <= this.options.serverTime.now() ? 'expired' : 'rejected';
  }

  #problem(error: ApiError): Problem {
    const { clock, random } = this.options;
    const failures = (problemOf(this.#truth)?.failures ?? 0) + 1;
    const wait = backoff(failures, (1 + random()) / 2, FIRST_RETRY, LONGEST_RETRY);
    // A wrong address stays wrong until the setting changes.
    if (error.kind === 'misconfigured') return { error, failures, retryAt: undefined };
    const asked = Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER);
    return { error, failures, retryAt: clock.now() + Math.max(wait, asked) };
  }

  #publish(truth: Snapshot, missing: ReadonlySet<SessionId> = new Set()): void {
    this.#endings.notice(this.#truth, truth);
    const ended = [...missing].map((id) => this.#endOf(id));
    this.#truth = truth;
    this.#snapshot = this.#withCancelled(truth);
    this.#changed.fire(this.#snapshot);
    for (const one of ended) this.#ended.fire(one);
  }

  #endOf(id: SessionId): Ended {
    const session = findSession(this.#truth, id);
    const why = this.#endings.take(id, session);
    this.#created.delete(id);
    return { session: session ?? { id }, why: this.#cancelled.delete(id) ? 'cancelled' : why };
  }
}

function ending({ id, gpuEventId, gpu, createdAt, timeout, machineId, machineVersionId, userId }: Session): Session {
  return { phase: 'ending', id, gpuEventId, gpu, createdAt, timeout, machineId, machineVersionId, userId };
}
