import { Emitter, together, type Disposable } from '../platform/emitter';
import { LeaderLease, type Leadership, type LeaderLeaseOptions } from './leaderLease';

export interface EditorsOptions extends Pick<LeaderLeaseOptions, 'journal' | 'presence' | 'clock' | 'log'> {
  /** This window among those of its own editor. */
  readonly own: LeaderLease;
  readonly hasToGuard: () => boolean;
  /** What this editor is set to do about sessions. */
  readonly wants: () => string;
  /** Called when another editor was found. */
  readonly met: () => void;
}

/**
 * Of all editors of a user, one window warns and acts, the focused one if there is any. The windows of each editor
 * elect a leader as usual, and those leaders elect one among them. What concerns one editor only, such as asking the
 * server and saving into its folder, is done by its own leader.
 */
export class Editors implements Leadership, Disposable {
  readonly #all: LeaderLease;
  readonly #subscriptions: Disposable;
  readonly #changed = new Emitter<boolean>();
  readonly onDidChange = this.#changed.event;

  constructor(private readonly options: EditorsOptions) {
    const { own, hasToGuard, met, journal, clock, log } = options;
    const need = () => (own.isLeader ? 'guard' : hasToGuard() ? 'hear' : 'nothing');
    const hear = () => Promise.resolve();
    const presence = () => this.#presence();
    this.#all = new LeaderLease({ journal, presence, work: () => undefined, need, hear, clock, log });
    this.#subscriptions = together([
      own.onDidChange((isLeader) => {
        if (!isLeader) this.#all.reset(); // at once, so that our next leader need not wait
        void this.#all.look();
        this.#changed.fire(this.isLeader);
      }),
      this.#all.onDidChange(() => this.#changed.fire(this.isLeader)),
      this.#all.onDidLook(() => own.isLeader && this.#all.hasCompany && met()),
    ]);
  }

  get isLeader(): boolean {
    return this.options.own.isLeader && this.#all.isLeader;
  }

  get presence(): Leadership['presence'] {
    return this.#all.presence;
  }

  /** Whether certainly no other editor is open. */
  get isAlone(): boolean {
    return this.#all.hasCompany === false;
  }

  /** What each of the other editors is set to do. */
  get wanted(): readonly string[] {
    return this.#all.wanted;
  }

  async confirm(): Promise<boolean> {
    return (await this.options.own.confirm()) && this.#all.confirm();
  }

  /** The need may have changed. */
  replan(): void {
    this.#all.replan();
  }

  reset(): void {
    this.#all.reset();
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#all.dispose();
    this.#changed.dispose();
  }

  /** What all windows of this editor report. */
  #presence(): ReturnType<EditorsOptions['presence']> {
    const { own, presence, wants } = this.options;
    const { isWatched, inUse, saving } = own.presence;
    return { ...presence(), isWatched, inUse: [...inUse], saving: [...saving], wants: wants() };
  }
}
