import type { Clock } from './clock';

/** A `Date` header contains a whole second; the answer was written some time within it, ms. */
const HEADER_RESOLUTION = 1_000;
/** The wall clock and the steady clock differ by this much, ms, only if one was set, or the computer slept. */
const JUMP = 1_000;

/**
 * The server's clock, learned from its answers: deadlines are its times, and this computer's clock may be wrong. Every
 * answer bounds the offset, since it was written after the request left and before the answer arrived. Intersecting the
 * bounds soon gives the offset to well below a second.
 */
export class ServerTime {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  /** Added to the steady clock, ms: the first difference to the wall clock, and its jumps ahead since. */
  #base: number;
  /** The wall clock minus the steady clock when last compared. */
  #lead: number;
  /** The same when the server last answered. */
  #heardAt = Number.NaN;

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#lead = this.#base = this.#leadNow();
  }

  /** The server's time, ms; our time until the server has answered. */
  now(): number {
    return Math.round(this.#local() + this.offset);
  }

  /** Whether the server has answered and no clock was set since. */
  get isSure(): boolean {
    return Number.isFinite(this.#low) && Math.abs(this.#leadNow() - this.#heardAt) <= JUMP;
  }

  /** Server time minus local time, ms. */
  get offset(): number {
    return Number.isFinite(this.#low) ? (this.#low + this.#high) / 2 : 0;
  }

  /** @param date the `Date` header, ms. @param trip from sending the request until now, ms. */
  learn(date: number, trip: number): void {
    this.#take(date, trip);
    this.#heardAt = this.#lead;
  }

  /**
   * Another window's value for the server's time now, ms. Never certain: our clock may have been set between its
   * writing and our reading. So it counts only while this window has no certain value of its own.
   */
  hear(serverNow: number): void {
    if (!this.isSure) this.#take(serverNow - HEADER_RESOLUTION / 2, 0);
  }

  #take(date: number, trip: number): void {
    const receivedAt = this.#local();
    this.#lead = this.#leadNow(); // slow drift is not a jump
    const low = date - receivedAt;
    const high = date + HEADER_RESOLUTION - (receivedAt - trip);
    const agrees = low <= this.#high && high >= this.#low;
    // If the bounds do not overlap, a clock was changed: only the newest sample counts.
    this.#low = agrees ? Math.max(low, this.#low) : low;
    this.#high = agrees ? Math.min(high, this.#high) : high;
  }

  /**
   * Local time that ignores when the clock is set back. A jump ahead may be sleep, during which the steady clock stands
   * still on some computers: it counts, since a deadline must not seem further away than it is.
   */
  #local(): number {
    const lead = this.#leadNow();
    const jump = lead - this.#lead;
    if (Math.abs(jump) > JUMP) {
      this.#lead = lead;
      this.#base += Math.max(0, jump);
    }
    return this.clock.monotonic() + this.#base;
  }

  #leadNow(): number {
    return this.clock.now() - this.clock.monotonic();
  }
}
