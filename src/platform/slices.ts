import { sleep, type Clock } from './clock';

/** The longest work without a pause for everything else, ms. */
const LONGEST = 8;

/** Splits long work into slices: the work checks after each small part. */
export class Slices {
  #began: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic' | 'after' | 'now'>,
    private readonly signal?: AbortSignal,
  ) {
    this.#began = clock.monotonic();
  }

  /** Checked before any await, since even an immediate one takes time. */
  get isOver(): boolean {
    return this.clock.monotonic() - this.#began >= LONGEST;
  }

  /** Lets everything else run. @throws the signal's reason when it has fired. */
  async rest(): Promise<void> {
    await sleep(this.clock, 0, this.signal);
    this.#began = this.clock.monotonic();
  }
}

/** Maps a list of any length in slices. */
export async function inSlices<T, S>(items: readonly T[], read: (item: T) => S, slices: Slices): Promise<readonly S[]> {
  const results: S[] = [];
  for (const item of items) {
    results.push(read(item));
    if (slices.isOver) await slices.rest();
  }
  return results;
}

/** The same work in one go, and in slices. */
export interface Steps<T> {
  readonly atOnce: () => T;
  /** @throws the signal's reason when it has fired. */
  readonly inSlices: (slices: Slices) => Promise<T>;
}

/** @param work yields after each small part. */
export function stepsOf<T>(work: Generator<unknown, T, unknown>): Steps<T> {
  return {
    atOnce: () => {
      for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
    },
    inSlices: async (slices) => {
      for (let step = work.next(); ; step = work.next()) {
        if (step.done) return step.value;
        if (slices.isOver) await slices.rest();
      }
    },
  };
}
