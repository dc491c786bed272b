import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

/** The most rounds, even if runs keep finishing. */
const MOST = 5;
/** What finished during a long first round is still saved. */
const LEAST = 2;
/** No round begins later than this, ms; one that has begun is finished. */
const LONGEST = 5 * MINUTE;

/** Limits how often, and for how long, saving starts again because runs have finished meanwhile. */
export class Rounds {
  #begun = 0;
  readonly #since: Since;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#since = new Since(clock);
  }

  /** Whether another round may begin; if so, counts it. */
  next(): boolean {
    if (this.#begun >= MOST || (this.#begun >= LEAST && this.#since.elapsed() > LONGEST)) return false;
    this.#begun++;
    return true;
  }
}

/**
 * Time since its creation, by the clock that advanced more: one may be set back, the other stands still during sleep.
 */
export class Since {
  readonly #wall: number;
  readonly #steady: number;

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#wall = clock.now();
    this.#steady = clock.monotonic();
  }

  /** ms. */
  elapsed(): number {
    return Math.max(this.clock.now() - this.#wall, this.clock.monotonic() - this.#steady);
  }
}
