import { sleep, type Clock } from './clock';

/** How long work goes on before everything else has its turn, ms. */
const LONGEST = 8;

/** Long work in slices: whoever does it asks after each small part of it. */
export class Slices {
  #began: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic' | 'after' | 'now'>,
    private readonly signal?: AbortSignal,
  ) {
    this.#began = clock.monotonic();
  }

  /** Asked before anything is waited for: a wait that is none would take its time, too. */
  get isOver(): boolean {
    return this.clock.monotonic() - this.#began >= LONGEST;
  }

  /** Lets everything else have its turn. @throws the signal's reason when it has fired. */
  async rest(): Promise<void> {
    await sleep(this.clock, 0, this.signal);
    this.#began = this.clock.monotonic();
  }
}

/** What becomes of each of them, however many they are. */
export async function inSlices<T, S>(items: readonly T[], read: (item: T) => S, slices: Slices): Promise<readonly S[]> {
  const results: S[] = [];
  for (const item of items) {
    results.push(read(item));
    if (slices.isOver) await slices.rest();
  }
  return results;
}
