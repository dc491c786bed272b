import * as z from 'zod/mini';
import type { Version } from '../comfydeploy/library';
import type { Journal } from '../platform/journal';
import { exactJson } from '../platform/jsonText';
import { Slots } from '../platform/slots';

const Kept = z.lazy(() => z.object({ id: z.string() }));

/** Longer ones are not kept, UTF-16 units. */
const LONGEST = 4 * 1024 * 1024;

/** The graphs of a few versions. They never change, so none is requested twice while it is kept. */
export class KeptVersions extends Slots<z.output<typeof Kept>> {
  /** @param journal returns a file of the account in use by its name. */
  constructor(journal: (name: string) => () => Promise<Journal>) {
    super(
      Kept,
      ({ id }) => id,
      (slot) => journal(slot === undefined ? 'versions' : `version${slot}`)(),
    );
  }

  /** The JSON of its graph; undefined if it is not kept. */
  async graphOf(id: string): Promise<string | undefined> {
    const slot = (await this.all()).find((one) => one.id === id);
    const [key, graph] = (slot ? await this.textOf(slot) : '').split(/\n(.*)/s);
    return key === id ? graph : undefined; // else it was replaced meanwhile
  }

  async keepGraph({ id, graph }: Pick<Version, 'id' | 'graph'>): Promise<void> {
    const text = exactJson(graph);
    if (text.length < LONGEST) await this.keep({ id }, `${id}\n${text}`);
  }
}
