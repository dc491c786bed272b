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
  /** What a session does, read now; undefined if that cannot be read. */
  readonly activityOf: (session: Session) => Promise<Activity | undefined>;
  readonly sharing: Sharing;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now' | 'isSure'>;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Windows that missed what another one shared learn of an end from what it shares later. */
const REMEMBERED_ENDS = 50;

/** Owns what is known about machines and sessions. Everything on screen is a projection of `snapshot`. */
export class Store implements Disposable {
  readonly #changed = new Emitter<Snapshot>();
  readonly #ended = new Emitter<Ended>();
  readonly onDidChange = this.#changed.event;
  /** Proven: the server no longer knows the session. */
  readonly onDidEnd = this.#ended.event;
  readonly #adopted = new Emitter<SessionId>();
  /** A session whose request went unanswered, and which nobody waits for any more, exists after all. */
  readonly onDidAdopt = this.#adopted.event;
  readonly #givenUp = new Emitter<SessionId>();
  /** The user asked for its end long ago; it goes on after all, since it renders. */
  readonly onDidGiveUp = this.#givenUp.event;
  readonly #endings: Endings;
  readonly #creates: Creates;
  readonly #extensions: Extensions;
  readonly #ends: Ends;
  readonly #leaks: Leaks;
  readonly #leaked = new Emitter<SessionId>();
  /** Its container came up after it was closed: announced once, in one of the user's windows. */
  readonly onDidLeak = this.#leaked.event;
  /** As the server showed it; the snapshot adds what we have asked for. */
  #fromServer: Snapshot = { kind: 'loading' };
  #snapshot: Snapshot = this.#fromServer;
  /** The number of the look that the server snapshot comes from. */
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
    this.#leaks = new Leaks({ ...options, leaked: (id) => this.#leaked.fire(id) });
    this.#ends = new Ends({ ...options, leaks: this.#leaks, givenUp: (id) => this.#givenUp.fire(id) });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Something is billed, or may be. */
  get hasToGuard(): boolean {
    return isOnGuard(sessionsOf(this.#fromServer), this.options.intents.state);
  }

  /** Whether the session is known or was born here, and has not been proven gone. */
  follows(id: SessionId): boolean {
    return this.options.intents.state.created.has(id) || findSession(this.#fromServer, id) !== undefined;
  }

  /** The bill shows a session that nothing else does. @param leak it was closed, and runs on. */
  async followFound(id: SessionId, leak?: Leak): Promise<void> {
    if (leak) await this.#leaks.noteLeak(id, leak.of, leak.startedAt);
    else await this.options.intents.note({ kind: 'found', sessionId: id });
    await this.refresh();
  }

  /**
   * Learns what is true now. A failed fetch is not thrown but shown: it becomes part of the snapshot.
   * Never two at once, and never an answer older than the question; a write makes the one that is out begin anew.
   */
  async refresh(): Promise<void> {
    await this.#rounds.request().catch(() => undefined); // shown, or nobody is left to be shown it
  }

  /**
   * Takes over what another window has learnt, unless we know better.
   * @returns false if that leaves open what became of a session: it is kept, and only a look of our own can tell.
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
   * Starts a session and says its id, also when the answer was lost but the session can be found.
   * Takes no signal: giving up on the answer would not give up the GPU.
   * @throws {ApiError}
   */
  create(request: Wanted, permit = this.options.acts.decide()): Promise<SessionId> {
    const known = sessionsOf(this.#snapshot).filter(({ machineId }) => machineId === request.machineId);
    return this.#creates.create(request, idsOf(known), permit);
  }

  /**
   * Moves the deadline by so many minutes from what is shown now, or to a time (server time, ms), and proves it by reading
   * the session back. Where it is there already, because another window was faster, nothing is asked for.
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
   * Asks for the end of a session. It stays in the snapshot, ending and billed, until the server no longer knows it.
   * @throws {ApiError} if the server did not take the request, or may not have: then every round asks again.
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

  /** Another account, or none: what we knew no longer applies. */
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

  /** A write makes every answer still in flight older than the server snapshot, so drop those and ask again. */
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
    if (fromServer.kind === 'ready') this.#ends.repeat(fromServer.sessions); // no list has to be read for that
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

  /** Nothing new from the server. */
  #look(fromServer: Snapshot): Look {
    return { round: this.#learntIn, fromServer, missing: [] };
  }

  readonly #before = (id: SessionId): Session | undefined => findSession(this.#fromServer, id);

  #unlisted(listed: readonly Session[], skipped?: readonly SkippedRow[]): readonly SessionId[] {
    return unlisted(sessionsOf(this.#fromServer), this.options.intents.state, listed, skipped);
  }

  /** It had a deadline and has none now: it is stopping, whoever asked for that. */
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

  /** @param missing sessions that are gone, and why where that is known. */
  #publish(fromServer: Snapshot, missing: readonly (Gone | Pick<Gone, 'id'>)[] = []): void {
    this.#endings.notice(this.#fromServer, fromServer);
    const ended = missing.map((one) => this.#endOf(one));
    const gone = ended.map(({ session: { id }, why }) => ({ id, why }));
    this.#gone = [...gone, ...this.#gone].slice(0, REMEMBERED_ENDS);
    this.#fromServer = fromServer;
    this.#snapshot = this.#leaks.withIntents(fromServer);
    this.#changed.fire(this.#snapshot);
    for (const one of ended) this.#ended.fire(one);
  }

  #endOf({ id, ...current }: Gone | Pick<Gone, 'id'>): Ended {
    const { intents } = this.options;
    const session = findSession(this.#snapshot, id);
    const seen = this.#endings.take(id, session);
    const why = intents.state.ends.has(id) ? 'asked' : seen;
    this.#ends.ended(id);
    this.#leaks.forget(id);
    if (followed(intents.state).has(id) || intents.state.early.has(id))
      void intents.note({ kind: 'ended', sessionId: id });
    return { session: session ?? { id }, why: likeliest(why, 'why' in current ? current.why : undefined) };
  }
}

/** What a look at the server has shown, and its number among the looks of all windows. */
interface Look {
  readonly round: number;
  readonly fromServer: Snapshot;
  /** Sessions that the server says it does not know. */
  readonly missing: readonly SessionId[];
}
