import type { Clock } from './clock';

/** A `Date` header names a whole second; the answer was written somewhere in it. */
const HEADER_RESOLUTION = 1_000;
/** The wall clock and the steady one part by this much only when one was set, or when the machine slept. */
const JUMP = 1_000;

/**
 * The server's clock, learnt from its answers: deadlines are its times, and this machine's clock may be wrong.
 * Every answer bounds the offset: it was written after the request left and before the answer came.
 * Intersecting the bounds soon pins the offset to well under a second.
 */
export class ServerTime {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  /** What is added to the steady clock, ms: where the wall clock was at first, and what it has jumped ahead since. */
  #base: number;
  /** The wall clock minus the steady one, when last compared. */
  #lead: number;
  /** The same, when the server was last heard. */
  #heardAt = Number.NaN;

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#lead = this.#base = this.#leadNow();
  }

  /** Now by the server's clock, ms; by ours until the server has been heard. */
  now(): number {
    return Math.round(this.#local() + this.offset);
  }

  /** The server has been heard, and no clock was set since. */
  get isSure(): boolean {
    return Number.isFinite(this.#low) && Math.abs(this.#leadNow() - this.#heardAt) <= JUMP;
  }

  /** Server minus local, ms. */
  get offset(): number {
    return Number.isFinite(this.#low) ? (this.#low + this.#high) / 2 : 0;
  }

  /** @param date the `Date` header, ms. @param trip between the request's leaving and now, ms. */
  learn(date: number, trip: number): void {
    this.#take(date, trip);
    this.#heardAt = this.#lead;
  }

  /**
   * What another window says that the server's clock shows now, ms. Never for sure: our clock may have been set between
   * its saying and our reading. So it counts only while this window has not heard the server by the clock of now.
   */
  hear(serverNow: number): void {
    if (!this.isSure) this.#take(serverNow - HEADER_RESOLUTION / 2, 0);
  }

  #take(date: number, trip: number): void {
    const receivedAt = this.#local();
    this.#lead = this.#leadNow(); // clocks that drift apart slowly have not jumped
    const low = date - receivedAt;
    const high = date + HEADER_RESOLUTION - (receivedAt - trip);
    const agrees = low <= this.#high && high >= this.#low;
    // Out of the old bounds means that one of the clocks was changed since: only the newest sample counts.
    this.#low = agrees ? Math.max(low, this.#low) : low;
    this.#high = agrees ? Math.min(high, this.#high) : high;
  }

  /**
   * Local time that does not follow when the clock is set back. A jump ahead may be a sleep, during which the steady
   * clock stands still on some machines: it counts, since a deadline must not look further off than it is.
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
