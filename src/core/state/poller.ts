import type { Clock } from './clock';
import type { Disposable } from './emitter';

export interface PollerOptions {
  /** Shows its failures itself: what it throws is passed to `failed`. */
  readonly task: () => Promise<void>;
  /** How long to rest after each run, ms; `undefined` rests until `wake`. */
  readonly rest: () => number | undefined;
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
}

/** Runs a task again and again: never two at once, never after `dispose`. */
export class Poller implements Disposable {
  #timer: Disposable | undefined;
  #isDisposed = false;
  #running = false;
  #again = false;

  constructor(private readonly options: PollerOptions) {}

  /** Runs now; if a run is out already, runs once more right after it. */
  wake(): void {
    if (this.#isDisposed) return;
    this.#timer?.dispose();
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  /** What `rest` depends on has changed. */
  replan(): void {
    if (!this.#running) this.#schedule();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#isDisposed = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.#again = false;
    try {
      await this.options.task();
    } catch (error) {
      if (!this.#isDisposed) this.options.failed(error);
    } finally {
      this.#running = false;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isDisposed) return;
    if (this.#again) return this.wake();
    this.#timer?.dispose();
    const ms = this.options.rest();
    if (ms !== undefined) this.#timer = this.options.clock.after(ms, () => this.wake());
  }
}
