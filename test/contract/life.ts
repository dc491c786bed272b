import type { Clock } from '../../src/platform/clock';

/**
 * The process of a window: it can freeze between any two steps of its work, be killed, and have a wall clock of its
 * own.
 */
export class Life {
  isOver = false;
  /** How far its wall clock is ahead of the others', ms. */
  ahead = 0;
  #isFrozen = false;
  readonly #parked: (() => void)[] = [];

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const run of this.#parked.splice(0)) this.#whenAwake(run);
  }

  /** The result of the work, once the window is awake; never settles if it is dead. */
  async after<T>(work: Promise<T>): Promise<T> {
    await work.catch(() => undefined); // a failure, too, is delivered only when awake
    await new Promise<void>((resolve) => this.#whenAwake(resolve));
    return work;
  }

  clockOf(world: Clock): Clock {
    return {
      now: () => world.now() + this.ahead,
      monotonic: () => world.monotonic(),
      after: (ms, run) => {
        let isOff = false; // an alarm that rang while the window was frozen can still be cancelled
        const alarm = world.after(ms, () => this.#whenAwake(() => isOff || run()));
        return {
          dispose: () => {
            isOff = true;
            alarm.dispose();
          },
        };
      },
    };
  }

  #whenAwake(run: () => void): void {
    if (this.isOver) return;
    if (this.#isFrozen) this.#parked.push(run);
    else run();
  }
}
