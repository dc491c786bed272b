import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

/** Where something finishes all the time, an end must come all the same. */
const MOST = 5;
/** What finished during a long first round is still saved, however long that took. */
const LEAST = 2;
/** No round begins later, ms. A round that has begun takes as long as it takes. */
const LONGEST = 5 * MINUTE;

/** How often, and for how long, a saving begins anew because something has finished meanwhile. */
export class Rounds {
  #begun = 0;
  readonly #since: Since;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#since = new Since(clock);
  }

  /** Whether another may begin: then it counts. */
  next(): boolean {
    if (this.#begun >= MOST || (this.#begun >= LEAST && this.#since.elapsed() > LONGEST)) return false;
    this.#begun++;
    return true;
  }
}

/** By the clock that says more: one may be set back, the other stands still while the computer sleeps. */
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
