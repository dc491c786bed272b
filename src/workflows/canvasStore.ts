import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import type { Journal } from '../platform/journal';
import { parseJson } from '../platform/plainJson';

const Kept = z.lazy(() =>
  z.object({
    slot: z.number(),
    sessionId: SessionId,
    /** The session's, as it was shown. */
    name: z.string(),
    /** Local clock, ms. */
    at: z.number(),
    nodes: z.number(),
  }),
);
/** A graph that was drawn in a session's page. */
export type KeptCanvas = z.output<typeof Kept>;

/** So many are kept, of as many sessions: the last ones. */
const SLOTS = 8;
/** A longer one is not kept, UTF-16 units. */
export const LONGEST_CANVAS = 4 * 1024 * 1024;

/** What was drawn last in each of the last sessions' pages: a list, and a file for each, which all windows share. */
export class CanvasStore {
  /** @param journal by its name, of the account in use. */
  constructor(private readonly journal: (name: string) => () => Promise<Journal>) {}

  /** Newest first. */
  async all(): Promise<readonly KeptCanvas[]> {
    return listIn(await (await this.#list()).read());
  }

  async textOf({ slot }: KeptCanvas): Promise<string> {
    return (await this.#file(slot)).read();
  }

  /** In the place of what was kept of that session, else of what is oldest. */
  async keep(canvas: Omit<KeptCanvas, 'slot'>, text: string): Promise<void> {
    const list = await this.#list();
    await list.exclusively(async () => {
      const before = listIn(await list.read());
      const others = before.filter(({ sessionId }) => sessionId !== canvas.sessionId);
      const own = before.find(({ sessionId }) => sessionId === canvas.sessionId)?.slot;
      const slot = own ?? freeSlot(others);
      const file = await this.#file(slot);
      await file.exclusively(() => file.replace(text));
      const rest = others.filter((one) => one.slot !== slot);
      await list.replace(JSON.stringify([{ ...canvas, slot }, ...rest]));
    });
  }

  /** Nothing is kept any more. */
  async clear(): Promise<void> {
    const list = await this.#list();
    await list.exclusively(async () => {
      for (const { slot } of listIn(await list.read())) {
        const file = await this.#file(slot);
        await file.exclusively(() => file.replace(''));
      }
      await list.replace('');
    });
  }

  #list(): Promise<Journal> {
    return this.journal('canvases')();
  }

  #file(slot: number): Promise<Journal> {
    return this.journal(`canvas${slot}`)();
  }
}

/** One that is free, else that of the oldest. */
function freeSlot(newestFirst: readonly KeptCanvas[]): number {
  const taken = new Set(newestFirst.map(({ slot }) => slot));
  for (let slot = 0; slot < SLOTS; slot++) if (!taken.has(slot)) return slot;
  return newestFirst.at(-1)?.slot ?? 0;
}

/** What cannot be read is taken for empty. */
function listIn(text: string): readonly KeptCanvas[] {
  const list = z.safeParse(z.array(Kept), parseJson(text)).data ?? [];
  return list.filter(({ slot }) => Number.isInteger(slot) && slot >= 0 && slot < SLOTS);
}
