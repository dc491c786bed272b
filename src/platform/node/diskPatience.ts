import * as l10n from '@vscode/l10n';
import { DiskError } from '../folder';
import { systemClock, type Clock } from '../clock';
import { withinMoments } from '../patience';

/** Moments; a disk that only has to spin up takes less. */
const AT_THE_DISK = 10;
/** The same for flushing, which may have to wait for gigabytes written before. */
const UNTIL_IT_LIES_THERE = 60;

export interface Haste<T> {
  /** It has to be on the disk when it resolves. */
  readonly isFlushed?: boolean;
  /** Whether it is refused while an earlier operation has not returned; true by default. */
  readonly isBound?: boolean;
  /** Called with a result that comes after the wait was given up. */
  readonly late?: (result: T) => Promise<unknown>;
}

/**
 * Bounds the wait for a disk that may never answer, such as a network folder whose server is gone. An operation that
 * does not return occupies one of Node's few threads, so nothing more is requested of the same disk until it returns.
 */
export class DiskPatience {
  /** By the folder in the settings: operations that were given up and have not returned. */
  readonly #stuck = new Map<string, Promise<unknown>>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** @throws {DiskError} if it takes too long, or an earlier operation still does; otherwise what the work throws. */
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
