import type { Clock } from '../platform/clock';
import { parseJson } from '../platform/plainJson';
import type { Files, Journal } from '../platform/journal';

/** A list of nodes that a session once told, kept for when none runs. */
export interface KeptList {
  readonly machineId: string;
  readonly versionId: string;
  /** When it was read, ms by our clock. */
  readonly at: number;
}

interface Slot extends KeptList {
  readonly slot: number;
}

/** Lists; the oldest gives way. */
const MOST_LISTS = 8;
/** Characters of one; a machine with hundreds of packages has 2,000,000. */
const LONGEST_LIST = 8_000_000;
const LONGEST_INDEX = 8_000;

/**
 * Lists of nodes by version of a machine, in a few files of ours that all windows share. What cannot be read is not there.
 */
export class KeptNodes {
  readonly #index: Journal;

  constructor(
    private readonly files: Files,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#index = files('nodes');
  }

  /** The newest first. */
  async all(): Promise<readonly KeptList[]> {
    return (await this.#slots()).toSorted((one, other) => other.at - one.at);
  }

  /** What `/object_info` answered, as much of it as is needed; undefined where it is gone, or another one. */
  async read({ versionId }: KeptList): Promise<string | undefined> {
    const slot = (await this.#slots()).find((one) => one.versionId === versionId);
    const text =
      slot &&
      (await this.#file(slot.slot)
        .read()
        .catch(() => ''));
    const end = text?.indexOf('\n') ?? -1;
    return text?.slice(0, end) === versionId ? text.slice(end + 1) : undefined;
  }

  /** @throws whatever the disk does. */
  async keep(machineId: string, versionId: string, nodes: string): Promise<void> {
    if (nodes.length > LONGEST_LIST) return;
    await this.#index.exclusively(async () => {
      const slots = await this.#slots();
      const slot = slotFor(versionId, slots);
      const file = this.#file(slot);
      await file.exclusively(() => file.replace(`${versionId}\n${nodes}`, false));
      const others = slots.filter((one) => one.slot !== slot);
      const own: Slot = { slot, machineId, versionId, at: this.clock.now() };
      await this.#index.replace(JSON.stringify([...others, own]), false);
    });
  }

  async #slots(): Promise<readonly Slot[]> {
    const text = await this.#index.read().catch(() => '');
    const read = text.length > LONGEST_INDEX ? undefined : parseJson(text);
    return Array.isArray(read) ? read.filter(isSlot).slice(0, MOST_LISTS) : [];
  }

  #file(slot: number): Journal {
    return this.files(`nodes-${slot}`);
  }
}

/** That of the same version, an empty one, or that of the oldest. */
function slotFor(versionId: string, slots: readonly Slot[]): number {
  const taken = new Set(slots.map(({ slot }) => slot));
  const free = Array.from({ length: MOST_LISTS }, (_, slot) => slot).find((slot) => !taken.has(slot));
  const [oldest] = slots.toSorted((one, other) => one.at - other.at);
  return slots.find((one) => one.versionId === versionId)?.slot ?? free ?? oldest?.slot ?? 0;
}

function isSlot(value: unknown): value is Slot {
  if (typeof value !== 'object' || value === null) return false;
  const { slot, machineId, versionId, at } = { slot: -1, machineId: 0, versionId: 0, at: '', ...value };
  const isOurs = Number.isInteger(slot) && slot >= 0 && slot < MOST_LISTS && typeof at === 'number';
  return isOurs && [machineId, versionId].every((id) => typeof id === 'string');
}
