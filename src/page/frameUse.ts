import * as z from 'zod/mini';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

/** The page has the focus, or no longer; its graph has changed; or the document around it is a new one. */
const Sign = z.lazy(() => z.object({ type: z.literal(['entered', 'left', 'changed', 'loaded']) }));

/** So long a page that has the focus is taken to be worked in, without any other sign of it, ms. */
export const FOCUS_COUNTS = 10 * MINUTE;

/**
 * Whether somebody works in a framed page. VS Code sees neither keys nor clicks there: after a minute it takes its window
 * for left alone. What is seen is that the page has the focus, when it got it, and that its graph changes. Who went away
 * with the focus in it does not work there for ever.
 */
export class FrameUse {
  #isEntered = false;
  /** Steady clock, ms. */
  #signAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  get isUsed(): boolean {
    return this.#isEntered && this.clock.monotonic() - this.#signAt < FOCUS_COUNTS;
  }

  /** Whether somebody may have changed something in it since. @param since steady clock, ms. */
  isTouchedSince(since: number): boolean {
    return this.#isEntered || this.#signAt >= since;
  }

  /** @param message of the tab's script, about this or something else. */
  hear(message: unknown): void {
    const type = Sign.safeParse(message).data?.type;
    if (type === undefined) return;
    if (type !== 'changed') this.#isEntered = type === 'entered';
    if (this.#isEntered) this.sign();
  }

  /** Its graph has changed, or VS Code has seen somebody at work in front of it. */
  sign(): void {
    this.#signAt = this.clock.monotonic();
  }
}
