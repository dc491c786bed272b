import type { LeaderLease } from './leaderLease';
import { ageOf } from '../platform/age';
import { isFreshEnough, isWorthALook, patienceOf, restAfter } from '../sessions/cadence';
import type { Clock } from '../platform/clock';
import type { Disposable } from '../platform/emitter';
import { Poller } from '../platform/poller';
import type { Sharing } from './sharing';
import { isStale } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import { RequestRounds } from '../platform/requestRounds';

export interface RoundsOptions {
  readonly store: Store;
  /** Called after each round, for what has changed on the bill. */
  readonly money: { refresh(): Promise<unknown> };
  readonly leadership: LeaderLease;
  readonly sharing: Sharing;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
  /** Wraps each round that asks the server. */
  readonly during: (round: () => Promise<void>) => Promise<void>;
}

/**
 * When this window asks the server: on its own while there is nothing to guard, otherwise for all if it leads, or not
 * at all.
 */
export class Rounds implements Disposable {
  readonly #poller: Poller;
  readonly #hearings: RequestRounds;
  readonly #subscriptions: readonly Disposable[];
  #mustAsk = false;
  #isWatched = false;

  constructor(private readonly options: RoundsOptions) {
    const { store, leadership, sharing, failed, clock } = options;
    this.#poller = new Poller({ task: () => this.#run(), rest: () => this.#rest, failed, clock });
    this.#hearings = new RequestRounds({ run: (_, signal) => this.#hear(signal), failed, clock });
    this.#subscriptions = [
      store.onDidChange(() => leadership.replan()),
      store.onDidChange(() => this.#poller.replan()),
      leadership.onDidChange((isLeader) => (isLeader ? this.look() : this.#poller.replan())),
      leadership.onDidLook(() => this.#noticeLookers()),
      leadership.onDidJump(() => leadership.isLeader && this.wake()),
      sharing.onDidShare(() => void this.#hearings.request().catch(() => undefined)), // already reported
    ];
  }

  /** At the start, and for another account or server: recent results of another window are good enough. */
  readonly start = (): void => this.#poller.wake();

  /** Asks the server now, whatever other windows know. */
  readonly wake = (): void => {
    this.#mustAsk = true;
    this.#poller.wake();
  };

  /** The user looks: what is shown should not be old. */
  readonly look = (): void => {
    const { store, leadership, clock } = this.options;
    void leadership.look();
    const isOurs = leadership.isLeader || !store.hasToGuard;
    if (store.snapshot.kind === 'loading' || !isOurs) return;
    if (isWorthALook(store.snapshot, clock.now())) this.#poller.wake();
    else this.#poller.replan();
  };

  readonly lookAway = (): void => {
    void this.options.leadership.look();
    this.#poller.replan();
  };

  dispose(): void {
    this.#poller.dispose();
    this.#hearings.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get #rest(): number | undefined {
    const { store, leadership } = this.options;
    if (leadership.isLeader || !store.hasToGuard) return this.#restOfGuard;
    const patience = patienceOf(this.#restOfGuard);
    return patience && Math.max(0, patience - (this.#age ?? 0));
  }

  /** For a user who looks at any window. */
  get #restOfGuard(): number | undefined {
    const { store, leadership, clock } = this.options;
    return restAfter(store.snapshot, leadership.presence.isWatched, clock.now());
  }

  #noticeLookers(): void {
    const { isWatched } = this.options.leadership.presence;
    if (isWatched !== this.#isWatched) this.#poller.replan();
    this.#isWatched = isWatched;
  }

  async #run(): Promise<void> {
    const { store, money, during } = this.options;
    if (await this.#isToAsk()) await during(() => store.refresh());
    if (store.snapshot.kind === 'ready') await money.refresh();
  }

  async #isToAsk(): Promise<boolean> {
    const { store, leadership, sharing, clock } = this.options;
    const mustAsk = this.#mustAsk;
    this.#mustAsk = false;
    if (mustAsk) return true;
    if (store.snapshot.kind === 'loading') {
      const shared = await sharing.read();
      return !shared || !isFreshEnough(shared.asOf, clock.now()) || !(await store.take(shared));
    }
    // A window that wakes up from sleep may have been replaced.
    return !store.hasToGuard || (await leadership.confirm()) || this.#isForgotten;
  }

  /** Whether nobody has shared anything for so long that this window should ask. */
  get #isForgotten(): boolean {
    const patience = patienceOf(this.#restOfGuard);
    return this.#age === undefined || this.#age >= (patience ?? Number.POSITIVE_INFINITY);
  }

  /** The age of the snapshot, ms; undefined if it may be wrong, or has a time ahead of now. */
  get #age(): number | undefined {
    const { snapshot } = this.options.store;
    if (snapshot.kind !== 'ready' || isStale(snapshot)) return undefined;
    return ageOf(snapshot.asOf, this.options.clock.now());
  }

  async #hear(signal: AbortSignal): Promise<void> {
    const { store, leadership, sharing, clock } = this.options;
    if (store.snapshot.kind === 'loading') return;
    const shared = await sharing.read();
    if (!shared || signal.aborted) return;
    const isWhole = await store.take(shared);
    // A snapshot with a time ahead of now may have any age, and nobody acts on it.
    const isDated = ageOf(shared.asOf, clock.now()) !== undefined;
    if (!isWhole || (leadership.isLeader && !isDated)) this.wake();
  }
}
