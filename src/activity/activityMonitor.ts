import { isOpenable } from '../platform/baseUrl';
import { isAbort } from '../platform/errors';
import { ComfyUi, type Web } from '../comfyui/client';
import type { LeaderLease } from '../windows/leaderLease';
import { pageOf, type Session, type SessionId, type Work } from '../comfydeploy/model';
import { Emitter, type Disposable } from '../platform/emitter';
import { SessionMonitor } from './sessionMonitor';
import type { ServerTime } from '../platform/serverTime';
import { readWork } from '../windows/sharedWork';
import { ownSessions, sessionsOf, type Snapshot } from '../sessions/snapshot';
import { RequestRounds } from '../platform/requestRounds';
import { MINUTE, SECOND } from '../platform/units';

export interface ActivityMonitorOptions extends Web {
  readonly snapshot: () => Snapshot;
  /** The leader reads, and shares the results with the other windows. */
  readonly leadership: Pick<LeaderLease, 'isLeader' | 'onDidLook'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  /** Whether the duration of a session's runs is needed. */
  readonly isTimed: (id: SessionId) => boolean;
}

type WithPage = Session & { readonly url: string };

/** What to read: all due sessions, or one session, which only the caller may know. */
type Request = 'due' | Wanted;
type Wanted = SessionId | Session;
/** The readings of one round. */
type Read = ReadonlyMap<SessionId, Work>;

const USUAL = 15 * SECOND;
const HURRIED = 5 * SECOND;
const LONGEST_REST = MINUTE;
/** This close to its deadline, ms, changes of a session's activity matter immediately. */
const NEAR = 5 * MINUTE;

/**
 * What the user's own sessions are doing, read from their ComfyUIs: all in parallel, and one round at a time. Of
 * several windows one reads, and shares the results.
 */
export class ActivityMonitor implements Disposable {
  readonly #changed = new Emitter<void>();
  /** A reading is done, or the next one is due at another time. */
  readonly onDidChange = this.#changed.event;
  readonly #monitors = new Map<SessionId, SessionMonitor>();
  readonly #hurries = new Map<object, SessionId>();
  #current: ReadonlyMap<SessionId, Work> = new Map();
  /** Progress of prompts that this window follows, percent. */
  readonly #shares = new Map<SessionId, number>();
  readonly #rounds: RequestRounds<Request, Read>;
  readonly #subscription: Disposable;
  /** The last shared text of the leader. */
  #heard: string | undefined;

  constructor(private readonly options: ActivityMonitorOptions) {
    const run = (requests: readonly Request[], signal: AbortSignal) => this.#lookAtAll(requests, signal);
    this.#rounds = new RequestRounds({ run, clock: options.clock });
    this.#subscription = options.leadership.onDidLook((register) => this.#hear(register.work));
  }

  get current(): ReadonlyMap<SessionId, Work> {
    return this.#current;
  }

  /** Reads every due session if this window leads. A failure is part of the result. */
  async look(): Promise<void> {
    await this.#rounds.request('due').catch(ignoreAbort);
  }

  /**
   * Reads a session's activity for a caller that is about to act on it: the reading is made after this call, or
   * undefined. A session passed as a whole need not be known here.
   * @throws the signal's reason, or {NeverEnded}.
   */
  async lookAt(who: Wanted, signal?: AbortSignal): Promise<Work | undefined> {
    const read = await this.#rounds.request(who, signal).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      ignoreAbort(error);
    });
    return read?.get(idOf(who));
  }

  /** Reads a session more often, and more closely, until disposed. */
  hurry(id: SessionId): Disposable {
    const request = {};
    this.#hurries.set(request, id);
    this.#changed.fire();
    return { dispose: () => void this.#hurries.delete(request) };
  }

  /** Progress of the prompt that this window follows there, percent; undefined once it is over. */
  noteShare(id: SessionId, percent: number | undefined): void {
    if (this.#shares.get(id) === percent) return;
    if (percent === undefined) this.#shares.delete(id);
    else this.#shares.set(id, percent);
    const work = this.#current.get(id);
    if (!work) return;
    this.#current = new Map(this.#current).set(id, this.#withShare(id, work));
    this.#changed.fire();
  }

  /** How long until something is due, ms; undefined if nothing is until something changes. */
  rest(): number | undefined {
    if (!this.options.leadership.isLeader) return undefined;
    const sessions = this.#sessions();
    if (this.#gone(sessions).length > 0) return 0;
    if (sessions.length === 0) return undefined;
    return Math.min(LONGEST_REST, ...sessions.map((session) => this.#restOf(session)));
  }

  /** Another account or server is in use. */
  reset(): void {
    this.#heard = undefined;
    this.#take(new Map());
    this.#rounds.clear();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#rounds.dispose();
    this.#changed.dispose();
  }

  #hear(text: string | undefined): void {
    if (this.options.leadership.isLeader || text === undefined || text === this.#heard) return;
    this.#heard = text;
    const work = readWork(text);
    if (!work) return;
    this.#take(work);
    this.#rounds.renew(); // pending requests continue from the shared state
  }

  #take(work: ReadonlyMap<SessionId, Work>): void {
    this.#monitors.clear();
    this.#current = new Map([...work].map(([id, one]) => [id, this.#withShare(id, one)]));
    this.#changed.fire();
  }

  async #lookAtAll(requests: readonly Request[], signal: AbortSignal): Promise<Read> {
    const sessions = this.#sessions();
    this.#forget(this.#gone(sessions));
    const wanted = requests.filter(isWanted);
    const ids = new Set(wanted.map(idOf));
    const handedIn = wanted.filter((one) => typeof one !== 'string').filter(hasPage);
    const isForAll = this.options.leadership.isLeader && wanted.length < requests.length;
    const due = sessions.filter((session) => ids.has(session.id) || (isForAll && this.#restOf(session) === 0));
    const all = new Map([...handedIn, ...due].map((session) => [session.id, session]));
    const reading = [...all.values()].map((session) => this.#lookAtOne(session, ids.has(session.id), signal));
    return new Map((await Promise.all(reading)).filter((one) => one !== undefined));
  }

  /** Published one by one, so that sessions that answer do not wait for those that do not. */
  async #lookAtOne(
    session: WithPage,
    isWanted: boolean,
    signal: AbortSignal,
  ): Promise<readonly [SessionId, Work] | undefined> {
    const { id } = session;
    const monitor = this.#monitors.get(id) ?? this.#monitorFor(session);
    this.#monitors.set(id, monitor);
    await monitor.look(isWanted || this.#isHurried(id), signal);
    const { work } = monitor;
    if (signal.aborted || !work) return undefined;
    if (this.#sessions().some((session) => session.id === id)) {
      this.#current = new Map(this.#current).set(id, this.#withShare(id, work));
      this.#changed.fire();
    }
    return [id, work];
  }

  #withShare(id: SessionId, work: Work): Work {
    const percent = this.#shares.get(id) ?? (this.options.leadership.isLeader ? undefined : work.percent);
    return percent === work.percent ? work : { ...work, percent };
  }

  #monitorFor({ id, url, createdAt }: WithPage): SessionMonitor {
    const { log, isTimed } = this.options;
    return new SessionMonitor({
      ...this.options,
      comfyUi: new ComfyUi(url, this.options),
      work: this.#current.get(id),
      createdAt,
      isTimed: () => isTimed(id),
      onDidTurn: (failure) =>
        failure
          ? log.warn(`The queue of session ${id} cannot be read (${failure.kind}): ${failure.message}`)
          : log.info(`The queue of session ${id} can be read again.`),
    });
  }

  #sessions(): readonly WithPage[] {
    return ownSessions(this.options.snapshot()).filter(hasPage);
  }

  #gone(sessions: readonly WithPage[]): readonly SessionId[] {
    const ids = new Set(sessions.map(({ id }) => id));
    return [...this.#current.keys()].filter((id) => !ids.has(id));
  }

  /** Monitors are kept until their sessions are over: the end of a session may still need a reading. */
  #forget(ids: readonly SessionId[]): void {
    const known = new Set(sessionsOf(this.options.snapshot()).map(({ id }) => id));
    for (const id of this.#monitors.keys()) if (!known.has(id)) this.#monitors.delete(id);
    if (ids.length === 0) return;
    const left = new Map(this.#current);
    for (const id of ids) left.delete(id);
    this.#current = left;
    this.#changed.fire();
  }

  #restOf(session: WithPage): number {
    const isNear = 'endsAt' in session && session.endsAt - this.options.serverTime.now() <= NEAR;
    const pace = isNear || this.#isHurried(session.id) ? HURRIED : USUAL;
    return this.#monitors.get(session.id)?.rest(pace) ?? 0;
  }

  #isHurried(id: SessionId): boolean {
    return [...this.#hurries.values()].includes(id);
  }
}

function isWanted(request: Request): request is Wanted {
  return request !== 'due';
}

function idOf(who: Wanted): SessionId {
  return typeof who === 'string' ? who : who.id;
}

/** An abort means that nobody waits any more: the account changed, or the window closes. */
function ignoreAbort(error: unknown): void {
  if (!isAbort(error)) throw error;
}

function hasPage(session: Session): session is WithPage {
  const page = pageOf(session);
  return page !== undefined && isOpenable(page);
}
