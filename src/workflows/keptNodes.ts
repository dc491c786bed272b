import * as z from 'zod/mini';
import type { Clock } from '../platform/clock';
import type { Files } from '../platform/journal';
import { Slots } from '../platform/slots';

const KeptList = z.lazy(() =>
  z.object({
    machineId: z.string(),
    versionId: z.string(),
    /** When it was read, ms by our clock. */
    at: z.number(),
  }),
);
/** A list of nodes that a session once told, kept for when none runs. */
export type KeptList = Readonly<z.output<typeof KeptList>>;

/** Characters of one; a machine with hundreds of packages has 2,000,000. */
const LONGEST_LIST = 8_000_000;

/** Lists of nodes by version of a machine. What cannot be read is not there. */
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

  /** The newest first. */
  async all(): Promise<readonly KeptList[]> {
    return this.#slots.all().catch(() => []);
  }

  /** What `/object_info` answered, as much of it as is needed; undefined where it is gone, or another one. */
  async read({ versionId }: KeptList): Promise<string | undefined> {
    const slots = await this.#slots.all().catch(() => []);
    const slot = slots.find((one) => one.versionId === versionId);
    const text = slot && (await this.#slots.textOf(slot).catch(() => ''));
    const end = text?.indexOf('\n') ?? -1;
    return text?.slice(0, end) === versionId ? text.slice(end + 1) : undefined;
  }

  /** @throws whatever the disk does. */
  async keep(machineId: string, versionId: string, nodes: string): Promise<void> {
    if (nodes.length > LONGEST_LIST) return;
    await this.#slots.keep({ machineId, versionId, at: this.clock.now() }, `${versionId}\n${nodes}`);
  }
}
