import * as z from 'zod/mini';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

/** The page got or lost the focus, its graph changed, or its document was replaced. */
const Sign = z.lazy(() => z.object({ type: z.literal(['entered', 'left', 'changed', 'loaded']) }));

/** How long a focused page counts as in use without any other sign, ms. */
export const FOCUS_COUNTS = 10 * MINUTE;

/**
 * Whether somebody works in a framed page. VS Code sees neither keys nor clicks there, and after a minute takes its
 * window for unused. What can be observed: the page has the focus, when it got it, and that its graph changes. A user
 * who left with the focus in the page does not count as working forever.
 */
export class FrameUse {
  #isEntered = false;
  /** Steady clock, ms. */
  #signAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  get isUsed(): boolean {
    return this.#isEntered && this.clock.monotonic() - this.#signAt < FOCUS_COUNTS;
  }

  /** Whether something in the page may have been changed since. @param since steady clock, ms. */
  isTouchedSince(since: number): boolean {
    return this.#isEntered || this.#signAt >= since;
  }

  /** @param message of the tab's script, of this or another type. */
  hear(message: unknown): void {
    const type = Sign.safeParse(message).data?.type;
    if (type === undefined) return;
    if (type !== 'changed') this.#isEntered = type === 'entered';
    if (this.#isEntered) this.sign();
  }

  /** Its graph has changed, or VS Code has seen the user working in front of it. */
  sign(): void {
    this.#signAt = this.clock.monotonic();
  }
}
