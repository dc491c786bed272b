/// <reference lib="dom" />
import type { Item } from '../item';

/** The files behind the thumbnails of sessions, while they are chosen. */
export class Wholes {
  /** Addresses in the page; empty until it is fetched. */
  readonly #known = new Map<string, string>();

  constructor(private readonly fetch: (item: Item) => void) {}

  /** Fetches those that are chosen, and forgets all others. @returns them as they can be shown best */
  of(chosen: readonly Item[]): readonly Item[] {
    for (const [id, src] of this.#known)
      if (!chosen.some((item) => item.id === id)) {
        URL.revokeObjectURL(src);
        this.#known.delete(id);
      }
    return chosen.map((item) => {
      if (item.isSaved || item.kind === '3D') return item;
      const src = this.#known.get(item.id);
      if (src === undefined) {
        this.#known.set(item.id, '');
        this.fetch(item);
      }
      return src ? { ...item, src } : item;
    });
  }

  isKnown({ id, isSaved }: Item): boolean {
    return isSaved || Boolean(this.#known.get(id));
  }

  keep(id: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#known.has(id)) this.#known.set(id, URL.createObjectURL(new Blob([bytes])));
  }
}
