import { isOpenable } from '../api/baseUrl';
import { ComfyUi, type Web } from '../comfyui/client';
import type { WindowSeat } from '../guard/seat';
import { pageOf, type Session, type SessionId, type Work } from '../model';
import { Emitter, type Disposable } from './emitter';
import { Lookout } from './lookout';
import type { ServerTime } from './serverTime';
import { readWork } from './sharedWork';
import { ownSessions, type Snapshot } from './snapshot';

export interface WatchOptions extends Web {
  readonly snapshot: () => Snapshot;
  /** Whoever has it looks, and tells the other windows. */
  readonly seat: Pick<WindowSeat, 'isMine' | 'onDidLook'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
}

type Watched = Session & { readonly url: string };

const SECOND = 1_000;
const USUAL = 15 * SECOND;
const HURRIED = 5 * SECOND;
const LONGEST_REST = 60 * SECOND;
/** So near its deadline it matters at once what a session does. */
const NEAR = 5 * 60 * SECOND;

/**
 * What the user's own sessions are doing, asked of their ComfyUIs: all at once, and never twice at once. Of several
 * windows one asks, and the others hear of it.
 */
export class Watch implements Disposable {
  readonly #changed = new Emitter<void>();
  /** Somebody was looked at, or the next look is due at another time. */
  readonly onDidChange = this.#changed.event;
  readonly #lookouts = new Map<SessionId, Lookout>();
  readonly #hurries = new Map<object, SessionId>();
  #current: ReadonlyMap<SessionId, Work> = new Map();
  #epoch = new AbortController();
  #round: Promise<void> | undefined;
  readonly #subscription: Disposable;
  /** What the window that looks told last. */
  #heard: string | undefined;

  constructor(private readonly options: WatchOptions) {
    this.#subscription = options.seat.onDidLook((register) => this.#hear(register.work));
  }

  get current(): ReadonlyMap<SessionId, Work> {
    return this.#current;
  }

  /** Looks at every session that is due, and at another one that is wanted now. Failures are part of what is known. */
  look(signal?: AbortSignal, wanted?: SessionId): Promise<void> {
    this.#round ??= this.#lookAtAll(signal, wanted).finally(() => (this.#round = undefined));
    return this.#round;
  }

  /** What a session does now, for somebody who is about to act on it. */
  async lookAt(id: SessionId, signal?: AbortSignal): Promise<Work | undefined> {
    await this.#round;
    await this.look(signal, id);
    return this.#current.get(id);
  }

  /** Somebody waits for what a session does: it is looked at more often, and more closely, until disposed. */
  hurry(id: SessionId): Disposable {
    const wish = {};
    this.#hurries.set(wish, id);
    this.#changed.fire();
    return { dispose: () => void this.#hurries.delete(wish) };
  }

  /** How long until there is something to do, ms; undefined if nothing will be without news. */
  rest(): number | undefined {
    if (!this.options.seat.isMine) return undefined;
    const sessions = this.#sessions();
    if (this.#gone(sessions).length > 0) return 0;
    if (sessions.length === 0) return undefined;
    return Math.min(LONGEST_REST, ...sessions.map((session) => this.#restOf(session)));
  }

  /** Another account or server. */
  reset(): void {
    this.#heard = undefined;
    this.#take(new Map());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#epoch.abort();
    this.#changed.dispose();
  }

  #hear(told: string | undefined): void {
    if (this.options.seat.isMine || told === undefined || told === this.#heard) return;
    this.#heard = told;
    const work = readWork(told);
    if (work) this.#take(work);
  }

  /** What is still being asked for is of no use any more. */
  #take(work: ReadonlyMap<SessionId, Work>): void {
    this.#epoch.abort();
    this.#epoch = new AbortController();
    this.#lookouts.clear();
    this.#current = work;
    this.#changed.fire();
  }

  async #lookAtAll(caller: AbortSignal | undefined, wanted: SessionId | undefined): Promise<void> {
    const { signal: epoch } = this.#epoch;
    const signal = caller ? AbortSignal.any([caller, epoch]) : epoch;
    const sessions = this.#sessions();
    this.#forget(this.#gone(sessions));
    const due = sessions.filter((session) => session.id === wanted || this.#restOf(session) === 0);
    await Promise.all(due.map((session) => this.#lookAtOne(session, session.id === wanted, signal)));
  }

  /** Published one by one: whoever answers does not wait for those who do not. */
  async #lookAtOne({ id, url }: Watched, isWanted: boolean, signal: AbortSignal): Promise<void> {
    const lookout = this.#lookouts.get(id) ?? this.#lookoutFor(id, url);
    this.#lookouts.set(id, lookout);
    await lookout.look(isWanted || this.#isHurried(id), signal);
    if (signal.aborted || !lookout.work) return;
    this.#current = new Map(this.#current).set(id, lookout.work);
    this.#changed.fire();
  }

  #lookoutFor(id: SessionId, url: string): Lookout {
    const { log } = this.options;
    return new Lookout({
      ...this.options,
      comfyUi: new ComfyUi(url, this.options),
      work: this.#current.get(id),
      onDidTurn: (failure) =>
        failure
          ? log.warn(`The queue of session ${id} cannot be read (${failure.kind}): ${failure.message}`)
          : log.info(`The queue of session ${id} can be read again.`),
    });
  }

  #sessions(): readonly Watched[] {
    return ownSessions(this.options.snapshot()).filter(hasPage);
  }

  #gone(sessions: readonly Watched[]): readonly SessionId[] {
    const ids = new Set(sessions.map(({ id }) => id));
    return [...this.#lookouts.keys()].filter((id) => !ids.has(id));
  }

  #forget(ids: readonly SessionId[]): void {
    if (ids.length === 0) return;
    const left = new Map(this.#current);
    for (const id of ids) {
      this.#lookouts.delete(id);
      left.delete(id);
    }
    this.#current = left;
    this.#changed.fire();
  }

  #restOf(session: Watched): number {
    const isNear = 'endsAt' in session && session.endsAt - this.options.serverTime.now() <= NEAR;
    const pace = isNear || this.#isHurried(session.id) ? HURRIED : USUAL;
    return this.#lookouts.get(session.id)?.rest(pace) ?? 0;
  }

  #isHurried(id: SessionId): boolean {
    return [...this.#hurries.values()].includes(id);
  }
}

function hasPage(session: Session): session is Watched {
  const page = pageOf(session);
  return page !== undefined && isOpenable(page);
}
