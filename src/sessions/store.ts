import { accountOf } from '../accounts/account';
import type { ComfyDeployClient } from '../comfydeploy/client';
import { isAbort, toApiError } from '../platform/errors';
import type { SkippedRow } from '../comfydeploy/rowReading';
import type { Acts } from './acts';
import type { Intents } from './intents';
import { followed, isOnGuard } from './ledger';
import type { Logger } from '../platform/logger';
import type { Activity, Session, SessionId } from '../comfydeploy/model';
import { Ends, type EndRequest } from './ends';
import type { Clock } from '../platform/clock';
import { Creates, type Wanted } from './creates';
import { Emitter, type Disposable } from '../platform/emitter';
import { Endings, likeliest } from './endings';
import { asBefore, unlisted, withAllKnown, withKnown, withUnreadable } from './kept';
import { scopeOfKey, type KeyRing } from '../accounts/keyRing';
import { Leaks, type Leak } from './leaks';
import { listsOf, lookUp, readLists } from './lists';
import { asStuck, problemAfter, reasonForRejection, withProblem } from './problems';
import type { ServerTime } from '../platform/serverTime';
import { reconcile, type Gone, type SharedSnapshot, type Sharing } from './sharedSnapshot';
import { ending, findSession, idsOf, isStale, machinesOf, sessionsOf, type Ended, type Snapshot } from './snapshot';
import { RequestRounds } from '../platform/requestRounds';
import { Extensions, type Extension, type Moved } from './writes';

export interface StoreOptions {
  readonly api: ComfyDeployClient;
  readonly keys: KeyRing;
  readonly intents: Intents;
  readonly acts: Acts;
  /** What the session does, read now; undefined if that cannot be read. */
  readonly activityOf: (session: Session) => Promise<Activity | undefined>;
  readonly sharing: Sharing;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now' | 'isSure'>;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** How many ends are shared, so that windows that missed one snapshot learn of an end from a later one. */
const REMEMBERED_ENDS = 50;

/** Owns what is known about machines and sessions. Everything on screen is made from `snapshot`. */
export class Store implements Disposable {
  readonly #changed = new Emitter<Snapshot>();
  readonly #ended = new Emitter<Ended>();
  readonly onDidChange = this.#changed.event;
  /** Proven: the server no longer knows the session. */
  readonly onDidEnd = this.#ended.event;
  readonly #adopted = new Emitter<SessionId>();
  /** A session whose request went unanswered, and which nobody waits for any more, exists. */
  readonly onDidAdopt = this.#adopted.event;
  readonly #givenUp = new Emitter<SessionId>();
  /** The user asked for its end long ago, but it renders and therefore goes on. */
  readonly onDidGiveUp = this.#givenUp.event;
  readonly #endings: Endings;
  readonly #creates: Creates;
  readonly #extensions: Extensions;
  readonly #ends: Ends;
  readonly #leaks: Leaks;
  readonly #leaked = new Emitter<SessionId>();
  /** Its container started after it was closed: fires once, in one of the user's windows. */
  readonly onDidLeak = this.#leaked.event;
  /** As the server showed it; the snapshot adds what we have requested. */
  #fromServer: Snapshot = { kind: 'loading' };
  #snapshot: Snapshot = this.#fromServer;
  /** The number of the refresh that the server snapshot comes from. */
  #learntIn = 0;
  #gone: readonly Gone[] = [];
  #epoch = 0;
  readonly #rounds: RequestRounds;

  constructor(private readonly options: StoreOptions) {
    const failed = (error: unknown) => this.#publish(withProblem(this.#fromServer, asStuck(error), options));
    this.#rounds = new RequestRounds({ run: (_, signal) => this.#refreshOnce(signal), failed, clock: options.clock });
    const account = async () => accountOf((await options.keys.get())?.token ?? '');
    const { born } = (this.#endings = new Endings(options.serverTime));
    this.#creates = new Creates({ ...options, account, born, lookAround: () => this.#afterWrite() });
    this.#extensions = new Extensions(options);
    this.#leaks = new Leaks(options);
    this.#ends = new Ends({ ...options, leaks: this.#leaks, givenUp: (id) => this.#givenUp.fire(id) });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Whether anything is billed, or may be. */
  get hasToGuard(): boolean {
    return isOnGuard(sessionsOf(this.#fromServer), this.options.intents.state);
  }

  /** Whether the session is known or was created here, and is not proven gone. */
  follows(id: SessionId): boolean {
    return this.options.intents.state.created.has(id) || findSession(this.#fromServer, id) !== undefined;
  }

  /** Only the bill shows this session. @param leak it was closed, and runs on. */
  async followFound(id: SessionId, leak?: Leak): Promise<void> {
    if (leak) await this.#leaks.noteLeak(id, leak.of, leak.startedAt);
    else await this.options.intents.note({ kind: 'found', sessionId: id });
    await this.refresh();
  }

  /**
   * Fetches the current state. A failure is not thrown but becomes part of the snapshot. There are never two refreshes
   * at once, and no answer older than its request is used: a write restarts the one under way.
   */
  async refresh(): Promise<void> {
    // failures are in the snapshot; after disposal there is nobody to show them to
    await this.#rounds.request().catch(() => undefined);
  }

  /**
   * Takes over what another window has learned, unless we know something newer.
   * @returns false if that leaves the fate of a session open: it is kept, and only a refresh of our own can settle it.
   */
  async take(shared: SharedSnapshot): Promise<boolean> {
    const epoch = this.#epoch;
    const { intents, keys } = this.options;
    const followedSoFar = followed(intents.state);
    const [key] = await Promise.all([keys.get(), intents.read()]);
    if (!key || epoch !== this.#epoch || shared.round < this.#learntIn) return true;
    const { round, machines, asOf, skipped, problem } = shared;
    const { sessions, missing, isOpen } = reconcile(sessionsOf(this.#fromServer), followedSoFar, shared);
    const whose = { account: accountOf(key.token), scope: scopeOfKey(key), keySource: key.source };
    const fromServer = { kind: 'ready', ...whose, machines, sessions, asOf, skipped } as const;
    this.#learntIn = round;
    this.#publish(problem ? { ...fromServer, problem } : fromServer, missing);
    return !isOpen;
  }

  /**
   * Starts a session and returns its id, also if the answer was lost but the session can be found. Takes no signal:
   * giving up on the answer would not give up the GPU.
   * @throws {ApiError}
   */
  create(request: Wanted, permit = this.options.acts.decide()): Promise<SessionId> {
    const known = sessionsOf(this.#snapshot).filter(({ machineId }) => machineId === request.machineId);
    return this.#creates.create(request, idsOf(known), permit);
  }

  /**
   * Moves the deadline by so many minutes from what is shown now, or to a time (server time, ms), and proves it by
   * reading the session back. If it is already there, because another window was faster, nothing is sent.
   * @throws {ApiError}
   */
  async extend(
    id: SessionId,
    by: number | Moved,
    signal?: AbortSignal,
    permit = this.options.acts.decide(),
  ): Promise<Extension> {
    const to = typeof by === 'number' ? { minutes: by, shown: findSession(this.#snapshot, id) } : by;
    try {
      return await this.#extensions.extend({ id, to, permit }, signal);
    } finally {
      await this.#afterWrite();
    }
  }

  /**
   * Requests the end of a session. It stays in the snapshot, ending and billed, until the server no longer knows it.
   * @throws {ApiError} if the server did not take the request, or may not have: then every round repeats it.
   */
  async end(id: SessionId, signal?: AbortSignal, act?: Pick<EndRequest, 'by' | 'permit'>): Promise<void> {
    const asked = this.#ends.end(id, findSession(this.#fromServer, id), {
      signal,
      permit: this.options.acts.decide(),
      ...act,
    });
    this.#publish(this.#fromServer);
    try {
      await asked;
    } finally {
      await this.#afterWrite();
    }
  }

  /** Another account, or none, is in use: what we knew no longer applies. */
  reset(): void {
    this.#epoch++;
    this.#rounds.clear();
    this.#learntIn = 0;
    this.#gone = [];
    this.options.intents.forget();
    this.#ends.reset();
    this.#leaks.reset();
    this.#endings.clear();
    this.#publish({ kind: 'loading' });
  }

  dispose(): void {
    this.#epoch++;
    this.#rounds.dispose();
    for (const one of [this.#changed, this.#ended, this.#adopted, this.#leaked, this.#givenUp]) one.dispose();
  }

  /** A write outdates every answer still on its way, so drop those and ask again. */
  async #afterWrite(): Promise<void> {
    this.#epoch++;
    this.#rounds.renew();
    await this.refresh();
  }

  async #refreshOnce(signal: AbortSignal): Promise<void> {
    const look = await this.#learn(signal).catch((error: unknown) => this.#afterFailure(error));
    this.#ends.noticeGap();
    if (!look || signal.aborted || look.round < this.#learntIn) return;
    const { round, fromServer, missing } = look;
    const isNew = fromServer.kind === 'ready' && !isStale(fromServer);
    this.#learntIn = round;
    this.#publish(fromServer, isNew ? missing.map((id) => ({ id })) : []);
    for (const id of this.#creates.takeAdopted()) this.#adopted.fire(id);
    if (fromServer.kind === 'ready') this.#ends.repeat(fromServer.sessions); // works without a readable list
    if (fromServer.kind === 'ready') void this.options.sharing.share(round, fromServer, this.#gone);
  }

  async #learn(signal: AbortSignal): Promise<Look> {
    const { api, clock, intents, keys, sharing } = this.options;
    const key = await keys.get();
    if (!key) return this.#look({ kind: 'signedOut' });
    const [round] = await Promise.all([sharing.begin(), intents.read()]);
    const { machines, sessions, failure } = await readLists(api, signal);
    const listed = withAllKnown(sessions?.rows ?? [], this.#before);
    await this.#creates.settle(sessions, signal);
    const {
      found,
      missing: unknown,
      isHeard,
    } = await lookUp(api, this.#unlisted(listed, sessions?.skipped), this.#before, signal);
    if (failure?.unread === 'both' && !isHeard) throw failure.error;
    const missing = [...(await this.#leaks.sift(unknown, signal)), ...(await this.#leaks.look(signal))];
    const all = found.length === 0 ? listed : [...listed, ...found.map((session) => this.#asStopping(session))];
    await this.#extensions.settle(all);
    const fromServer: Snapshot = {
      kind: 'ready',
      account: accountOf(key.token),
      scope: scopeOfKey(key),
      keySource: key.source,
      machines: machines ? withUnreadable(machines, machinesOf(this.#fromServer)) : machinesOf(this.#fromServer),
      sessions: asBefore(all, sessionsOf(this.#fromServer)),
      asOf: clock.now(),
      skipped: [...(machines?.skipped ?? []), ...(sessions?.skipped ?? [])].map(({ why }) => why),
    };
    if (!failure) return { round, fromServer, missing };
    const { error, unread } = failure;
    this.options.log.warn(`The ${listsOf(unread)} could not be read (${error.kind}): ${error.message}`);
    return {
      round,
      fromServer: { ...fromServer, problem: { ...problemAfter(this.#fromServer, error, this.options, all), unread } },
      missing,
    };
  }

  /** No change from the server. */
  #look(fromServer: Snapshot): Look {
    return { round: this.#learntIn, fromServer, missing: [] };
  }

  readonly #before = (id: SessionId): Session | undefined => findSession(this.#fromServer, id);

  #unlisted(listed: readonly Session[], skipped?: readonly SkippedRow[]): readonly SessionId[] {
    return unlisted(sessionsOf(this.#fromServer), this.options.intents.state, listed, skipped);
  }

  /** A session that had a deadline and has none now is stopping, whoever asked for that. */
  #asStopping(current: Session): Session {
    const before = this.#before(current.id);
    const session = withKnown(current, before);
    const isStopping = session.phase === 'undated' && before !== undefined && before.phase !== 'undated';
    return isStopping ? ending(session) : session;
  }

  async #afterFailure(error: unknown): Promise<Look | undefined> {
    if (isAbort(error)) return undefined;
    const { keys, serverTime, log } = this.options;
    const failure = toApiError(error);
    log.warn(`Refresh failed (${failure.kind}): ${failure.message}`);
    if (failure.kind === 'unauthorized')
      return this.#look({ kind: 'signedOut', reason: reasonForRejection(await keys.get(), serverTime.now()) });
    return this.#look(withProblem(this.#fromServer, failure, this.options));
  }

  /** @param missing sessions that are gone, with the reason if it is known. */
  #publish(fromServer: Snapshot, missing: readonly (Gone | Pick<Gone, 'id'>)[] = []): void {
    this.#endings.notice(this.#fromServer, fromServer);
    const ended = missing.map((one) => this.#endOf(one));
    const gone = ended.map(({ session: { id }, why }) => ({ id, why }));
    this.#gone = [...gone, ...this.#gone].slice(0, REMEMBERED_ENDS);
    this.#fromServer = fromServer;
    this.#snapshot = this.#leaks.withIntents(fromServer);
    this.#changed.fire(this.#snapshot);
    for (const one of ended) this.#ended.fire(one);
    for (const id of this.#leaks.takeNew()) this.#leaked.fire(id);
  }

  #endOf({ id, ...current }: Gone | Pick<Gone, 'id'>): Ended {
    const { intents } = this.options;
    const session = findSession(this.#snapshot, id);
    const { machineId } = intents.state.births.get(id) ?? {};
    const seen = this.#endings.take(id, session);
    const why = intents.state.ends.has(id) ? 'asked' : seen;
    this.#ends.ended(id);
    this.#leaks.forget(id);
    if (followed(intents.state).has(id) || intents.state.early.has(id))
      void intents.note({ kind: 'ended', sessionId: id });
    return { session: session ?? { id, machineId }, why: likeliest(why, 'why' in current ? current.why : undefined) };
  }
}

/** The result of a refresh, and its number among the refreshes of all windows. */
interface Look {
  readonly round: number;
  readonly fromServer: Snapshot;
  /** Sessions that the server says it does not know. */
  readonly missing: readonly SessionId[];
}
