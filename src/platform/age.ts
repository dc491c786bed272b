import type { Clock } from './clock';

/** Two correct clocks differ by less, ms. A time further ahead was stamped by a wrong clock. */
const TOLERANCE = 5_000;

/**
 * How long ago, ms; undefined if the time is ahead of now and therefore worthless: a `Date` header an hour ahead, or a
 * clock that was set back since. Both times are by the same clock.
 */
export function ageOf(at: number, now: number): number | undefined {
  const age = now - at;
  return age < -TOLERANCE || Number.isNaN(age) ? undefined : Math.max(0, age);
}

/** Whether a time is too old, or worthless (see `ageOf`). */
export function isOlder(at: number | undefined, than: number, now: number): boolean {
  const age = at === undefined ? undefined : ageOf(at, now);
  return age === undefined || age > than;
}

/**
 * Ages of times that other windows have stamped. A time ahead of now is as old as it has been known here, so that a
 * wrong clock cannot make anything last forever.
 */
export class Ages {
  /** Steady clock, ms. */
  readonly #seenAt = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** @param key identifies the time for as long as it may be asked about. Server times. */
  of(key: string, at: number, now: number): number {
    const age = ageOf(at, now);
    if (age !== undefined) return age;
    const seenAt = this.#seenAt.get(key) ?? this.clock.monotonic();
    this.#seenAt.set(key, seenAt);
    return this.clock.monotonic() - seenAt;
  }
}
