import * as l10n from '@vscode/l10n';
import { DiskError } from '../folder';
import { systemClock, type Clock } from '../clock';
import { withinMoments } from '../patience';

/** Moments. A disk that only has to wake up takes less. */
const AT_THE_DISK = 10;
/** What must be on the disk for certain may have to wait for gigabytes that were written before. */
const UNTIL_IT_LIES_THERE = 60;

export interface Haste<T> {
  /** It must lie on the disk for certain. */
  readonly isFlushed?: boolean;
  /** Whether it is refused while something before it has not come back; by default it is. */
  readonly isBound?: boolean;
  /** What to do with what comes after it was given up. */
  readonly late?: (result: T) => Promise<unknown>;
}

/**
 * Lets nobody wait for ever for a disk that never answers, as a network folder does whose server is gone. What does not
 * come back keeps one of Node's few threads: so nothing more is asked of the same disk until it does.
 */
export class DiskPatience {
  /** By the folder that the settings name: what has been given up and has not come back. */
  readonly #stuck = new Map<string, Promise<unknown>>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** @throws {DiskError} if it takes too long, or if something before still does; else what the work throws. */
  async soon<T>(root: string, work: () => Promise<T>, how: Haste<T> = {}): Promise<T> {
    const { isFlushed = false, isBound = true, late } = how;
    if (isBound && this.#stuck.has(root)) throw silent(root);
    const doing = work();
    const moments = isFlushed ? UNTIL_IT_LIES_THERE : AT_THE_DISK;
    return withinMoments(this.clock, moments, doing, () => {
      this.#giveUp(root, late ? doing.then(late) : doing);
      return silent(root);
    });
  }

  #giveUp(root: string, doing: Promise<unknown>): void {
    this.#stuck.set(root, doing);
    const back = () => {
      if (this.#stuck.get(root) === doing) this.#stuck.delete(root);
    };
    doing.then(back, back);
  }
}

function silent(root: string): DiskError {
  return new DiskError(
    l10n.t("The disk with {0} isn't responding. Choose another folder, or check whether it is connected.", root),
  );
}
