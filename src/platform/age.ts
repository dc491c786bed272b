import type { Clock } from './clock';

/** Two clocks that are right differ by less, ms. What lies further ahead of now was stamped by one that was wrong. */
const TOLERANCE = 5_000;

/**
 * How long ago, ms; undefined where it lies ahead of now, so that nothing is known of it: a `Date` header an hour ahead,
 * or a clock that was set back since. Both times by the same clock.
 */
export function ageOf(at: number, now: number): number | undefined {
  const age = now - at;
  return age < -TOLERANCE || Number.isNaN(age) ? undefined : Math.max(0, age);
}

/** The same for what is only worth anything while it is young. */
export function isOlder(at: number | undefined, than: number, now: number): boolean {
  const age = at === undefined ? undefined : ageOf(at, now);
  return age === undefined || age > than;
}

/**
 * Ages of what other windows have stamped, which no wrong clock makes last: what lies ahead of now is as old as it has
 * been known here.
 */
export class Ages {
  /** By the steady clock. */
  readonly #seenAt = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** @param key what it is, for as long as it may be asked about. Server times. */
  of(key: string, at: number, now: number): number {
    const age = ageOf(at, now);
    if (age !== undefined) return age;
    const seenAt = this.#seenAt.get(key) ?? this.clock.monotonic();
    this.#seenAt.set(key, seenAt);
    return this.clock.monotonic() - seenAt;
  }
}
