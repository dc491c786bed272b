import type { Clock } from './clock';
import type { Disposable } from './emitter';
import { RequestRounds } from './requestRounds';

export interface PollerOptions {
  /** Handles its failures itself: what it throws is passed to `failed`. */
  readonly task: () => Promise<void>;
  /** How long to rest after each run, ms; `undefined` rests until `wake`. */
  readonly rest: () => number | undefined;
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
}

/** Used if `rest` fails, ms. */
const REST = 30_000;

/** Runs a task repeatedly: never twice at the same time, never after `dispose`, and again after any failure. */
export class Poller implements Disposable {
  readonly #rounds: RequestRounds;
  #timer: Disposable | undefined;
  #isDisposed = false;

  constructor(private readonly options: PollerOptions) {
    const { task, failed, clock } = options;
    this.#rounds = new RequestRounds({ run: () => task(), failed, clock });
  }

  /** Runs now; if a run is under way, runs once more right after it. */
  wake(): void {
    if (this.#isDisposed) return;
    this.#timer?.dispose();
    if (this.#rounds.hasNext) return;
    const plan = () => this.replan();
    this.#rounds.request().then(plan, plan); // `failed` was called
  }

  /** What `rest` depends on has changed. */
  replan(): void {
    if (this.#isDisposed || this.#rounds.isBusy) return;
    this.#timer?.dispose();
    const ms = this.#rest();
    if (ms !== undefined) this.#timer = this.options.clock.after(ms, () => this.wake());
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#rounds.dispose();
  }

  #rest(): number | undefined {
    try {
      return this.options.rest();
    } catch (error) {
      this.options.failed(error);
      return REST;
    }
  }
}
