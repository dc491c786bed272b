import { ServerTime } from '../../../src/platform/serverTime';
import { ManualClock } from '../../fakes/manualClock';

export const DAY = 24 * 3_600_000;

export interface Trip {
  readonly pause: number;
  readonly there: number;
  readonly back: number;
}

export class World {
  readonly #clock = new ManualClock();
  readonly serverTime = new ServerTime(this.#clock);

  constructor(public offset: number) {}

  /** Sends a request and reads the `Date` of its answer. */
  async ask({ pause, there, back }: Trip): Promise<void> {
    await this.#pass(pause);
    await this.#pass(there);
    const date = Math.floor((this.#clock.now() + this.offset) / 1_000) * 1_000;
    await this.#pass(back);
    this.serverTime.learn(date, there + back);
  }

  /** Somebody sets this machine's clock. */
  setClock(by: number): void {
    this.#clock.jump(by);
    this.offset -= by;
  }

  /** The machine sleeps: its steady clock stands still, or goes on, as the system has it. */
  async sleep(ms: number, isSteadyAwake: boolean): Promise<void> {
    if (isSteadyAwake) return this.#pass(ms);
    this.#clock.jump(ms);
  }

  pause(ms: number): Promise<void> {
    return this.#pass(ms);
  }

  /** How far off the estimate is, ms. */
  get error(): number {
    return Math.abs(this.serverTime.now() - (this.#clock.now() + this.offset));
  }

  #pass(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }
}
