import type { Clock } from '../../src/platform/clock';
import type { Disposable } from '../../src/platform/emitter';
import type { SimulatorClock } from '../simulator/clock';

/**
 * The extension's clock, which follows the simulator's. Neither moves by itself; a sleep may show on one of them only.
 */
export class ServerClock implements Clock {
  readonly #alarms = new Set<{ readonly at: number }>();

  /** ms. */
  readonly slept = { wall: 0, steady: 0 };

  /** When the extension was woken. */
  readonly woken: number[] = [];

  constructor(private readonly clock: SimulatorClock) {}

  /** When the extension wants to be woken next. */
  get next(): number | undefined {
    return this.#alarms.size === 0 ? undefined : Math.min(...[...this.#alarms].map(({ at }) => at));
  }

  /** Cancels all alarms. */
  clear(): void {
    this.#alarms.clear();
  }

  now(): number {
    return this.clock.now() + this.slept.wall;
  }

  monotonic(): number {
    return this.clock.now() + this.slept.steady;
  }

  after(ms: number, run: () => void): Disposable {
    const alarm = { at: this.clock.now() + Math.max(0, ms) };
    this.#alarms.add(alarm);
    const cancel = this.clock.after(ms, () => {
      this.#alarms.delete(alarm);
      this.woken.push(alarm.at);
      run();
    });
    return {
      dispose: () => {
        cancel();
        this.#alarms.delete(alarm);
      },
    };
  }
}
