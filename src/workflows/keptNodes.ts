import * as z from 'zod/mini';
import type { Clock } from '../platform/clock';
import type { Files } from '../platform/journal';
import { Slots } from '../platform/slots';

const KeptList = z.lazy(() =>
  z.object({
    machineId: z.string(),
    versionId: z.string(),
    /** When it was read, local clock, ms. */
    at: z.number(),
  }),
);
/** A session's list of nodes, kept for when no session runs. */
export type KeptList = Readonly<z.output<typeof KeptList>>;

/** Characters; a machine with hundreds of packages has 2,000,000. */
const LONGEST_LIST = 8_000_000;

/** Lists of nodes by version of a machine. Unreadable ones count as missing. */
export class KeptNodes {
  readonly #slots: Slots<KeptList>;

  constructor(
    files: Files,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#slots = new Slots(
      KeptList,
      ({ versionId }) => versionId,
      (slot) => Promise.resolve(files(slot === undefined ? 'nodes' : `nodes-${slot}`)),
    );
  }

  /** Newest first. */
  async all(): Promise<readonly KeptList[]> {
    return this.#slots.all().catch(() => []);
  }

  /** The newest list of any machine; its key differs from that of every other list. */
  async newest(): Promise<{ readonly key: string; readonly read: () => Promise<string | undefined> } | undefined> {
    const [list] = await this.all();
    return list && { key: `${list.versionId} ${list.at}`, read: () => this.read(list) };
  }

  /** The needed part of an answer of `/object_info`; undefined if it is gone or was replaced. */
  async read({ versionId }: KeptList): Promise<string | undefined> {
    const slots = await this.#slots.all().catch(() => []);
    const slot = slots.find((one) => one.versionId === versionId);
    const text = slot && (await this.#slots.textOf(slot).catch(() => ''));
    const end = text?.indexOf('\n') ?? -1;
    return text?.slice(0, end) === versionId ? text.slice(end + 1) : undefined;
  }

  /** @throws what the disk throws. */
  async keep(machineId: string, versionId: string, nodes: string): Promise<void> {
    if (nodes.length > LONGEST_LIST) return;
    await this.#slots.keep({ machineId, versionId, at: this.clock.now() }, `${versionId}\n${nodes}`);
  }
}
