import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';
import { elapsed, momentOf, type Moment } from '../sessions/acts';

/** The most rounds, even if runs keep finishing. */
const MOST = 5;
/** What finished during a long first round is still saved. */
const LEAST = 2;
/** No round begins later than this, ms; one that has begun is finished. */
const LONGEST = 5 * MINUTE;

/** Limits how often, and for how long, saving starts again because runs have finished meanwhile. */
export class Rounds {
  #begun = 0;
  readonly #since: Moment;

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#since = momentOf(clock);
  }

  /** Whether another round may begin; if so, counts it. */
  next(): boolean {
    if (this.#begun >= MOST || (this.#begun >= LEAST && elapsed(this.clock, this.#since) > LONGEST)) return false;
    this.#begun++;
    return true;
  }
}
