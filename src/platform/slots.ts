import * as z from 'zod/mini';
import type { Journal } from './journal';
import { parseJson } from './plainJson';
import { ListWire } from './unread';

/** The number of texts that are kept, the latest ones. */
const SLOTS = 8;
const Place = z.lazy(() => z.object({ slot: z.number() }));
export type Slotted<T> = T & z.output<typeof Place>;

/**
 * A few long texts, each in a file that all windows share, and a list that describes them. Unreadable ones count as
 * missing.
 */
export class Slots<T extends object> {
  /**
   * @param keyOf a new text replaces the one with the same key, or else the oldest.
   * @param file the file of a slot; without a slot, that of the list.
   */
  constructor(
    private readonly schema: z.ZodMiniType<T>,
    private readonly keyOf: (one: T) => string,
    private readonly file: (slot?: number) => Promise<Journal>,
  ) {}

  /** Newest first. */
  async all(): Promise<readonly Slotted<T>[]> {
    return this.#listIn(await (await this.file()).read());
  }

  async textOf({ slot }: Slotted<unknown>): Promise<string> {
    return (await this.file(slot)).read();
  }

  async keep(one: T, text: string): Promise<void> {
    const list = await this.file();
    await list.exclusively(async () => {
      const before = this.#listIn(await list.read());
      const slot = before.find((other) => this.keyOf(other) === this.keyOf(one))?.slot ?? freeSlot(before);
      await this.#write(slot, text);
      await list.replace(JSON.stringify([{ ...one, slot }, ...before.filter((other) => other.slot !== slot)]));
    });
  }

  /** Deletes all texts. */
  async clear(): Promise<void> {
    const list = await this.file();
    await list.exclusively(async () => {
      for (const { slot } of this.#listIn(await list.read())) await this.#write(slot, '');
      await list.replace('');
    });
  }

  async #write(slot: number, text: string): Promise<void> {
    const file = await this.file(slot);
    await file.exclusively(() => file.replace(text));
  }

  #listIn(text: string): readonly Slotted<T>[] {
    const list = z.safeParse(ListWire, parseJson(text)).data ?? [];
    return list.slice(0, SLOTS).flatMap((item) => {
      const [one, place] = [z.safeParse(this.schema, item).data, z.safeParse(Place, item).data];
      const isOurs = place && Number.isInteger(place.slot) && place.slot >= 0 && place.slot < SLOTS;
      return one && isOurs ? [{ ...one, ...place }] : [];
    });
  }
}

/** A free slot, or that of the oldest text. */
function freeSlot(newestFirst: readonly Slotted<unknown>[]): number {
  const taken = new Set(newestFirst.map(({ slot }) => slot));
  for (let slot = 0; slot < SLOTS; slot++) if (!taken.has(slot)) return slot;
  return newestFirst.at(-1)?.slot ?? 0;
}
