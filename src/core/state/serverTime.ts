import type { Clock } from './clock';

/** A `Date` header names a whole second; the answer was written somewhere in it. */
const HEADER_RESOLUTION = 1_000;

/**
 * The server's clock, learnt from its answers: deadlines are its times, and this machine's clock may be wrong.
 * Every answer bounds the offset: it was written after the request left and before the answer came.
 * Intersecting the bounds soon pins the offset to well under a second.
 */
export class ServerTime {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Now by the server's clock, ms; by ours until the server has been heard. */
  now(): number {
    return this.clock.now() + this.offset;
  }

  /** Server minus local, ms. */
  get offset(): number {
    return Number.isFinite(this.#low) ? Math.round((this.#low + this.#high) / 2) : 0;
  }

  /** @param date the `Date` header, ms; `sentAt` and `receivedAt` by the local clock, ms. */
  learn(date: number, sentAt: number, receivedAt: number): void {
    const low = date - receivedAt;
    const high = date + HEADER_RESOLUTION - sentAt;
    if (low > high) return; // the local clock was set back during the request: this sample proves nothing
    const agrees = low <= this.#high && high >= this.#low;
    // Out of the old bounds means that one of the clocks was changed since: only the newest sample counts.
    this.#low = agrees ? Math.max(low, this.#low) : low;
    this.#high = agrees ? Math.min(high, this.#high) : high;
  }
}
