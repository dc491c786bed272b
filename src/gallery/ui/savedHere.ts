import * as z from 'zod/mini';
import type { Memory } from '../../platform/memory';
import { MINUTE } from '../../platform/units';

const KEY = 'savedFromGallery';
const MOST = 1_000;
const Ids = z.lazy(() => z.array(z.string()));

/** What was saved from the gallery of what sessions have, by id: `TIME ADDRESS`. */
export class SavedHere {
  constructor(private readonly memory: Memory) {}

  async add(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.memory.update(KEY, [...this.#all(), ...ids].slice(-MOST));
  }

  /** The time of a session's clock is known a little differently after each start. */
  has(id: string): boolean {
    const [at, address] = id.split(' ');
    return this.#all().some((one) => {
      const [savedAt, saved] = one.split(' ');
      return saved === address && Math.abs(Number(savedAt) - Number(at)) < MINUTE;
    });
  }

  #all(): readonly string[] {
    return z.safeParse(Ids, this.memory.get(KEY)).data ?? [];
  }
}
