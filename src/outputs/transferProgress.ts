import type { Clock } from '../platform/clock';

export interface SaveProgress {
  readonly files: Count & {
    /** Could not be saved. */
    readonly failed: number;
  };
  readonly bytes: Count;
  /** Bytes a second; undefined at first. */
  readonly speed: number | undefined;
}

interface Count {
  readonly done: number;
  readonly total: number;
}

const SAY_EVERY = 250;
const EARLY = 1_000;

/** Progress and speed of a save. Reported a few times a second, and for every file. */
export class TransferProgress {
  #files = { done: 0, failed: 0, total: 0 };
  #bytes = { done: 0, total: 0 };
  #received = 0;
  #began: number | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly say: (progress: SaveProgress) => void,
  ) {}

  /** Bytes received over the network. */
  get received(): number {
    return this.#received;
  }

  /** Adds files of which nothing else is known yet. */
  learn(files: number): void {
    this.#files = { ...this.#files, total: this.#files.total + files };
  }

  /** Adds a file to be fetched. */
  expect(bytes: number): void {
    this.#bytes = { ...this.#bytes, total: this.#bytes.total + bytes };
  }

  /** @param isNew whether they came over the network, rather than being there from earlier, or being discarded. */
  readonly came = (bytes: number, isNew: boolean): void => {
    const now = this.clock.monotonic();
    this.#began ??= now;
    this.#bytes = { ...this.#bytes, done: this.#bytes.done + bytes };
    if (isNew) this.#received += bytes;
    if (now - this.#saidAt >= SAY_EVERY) this.#notify(now);
  };

  /** A file is complete. */
  finished(): void {
    this.#files = { ...this.#files, done: this.#files.done + 1 };
    this.#notify(this.clock.monotonic());
  }

  failed(): void {
    this.#files = { ...this.#files, failed: this.#files.failed + 1 };
    this.#notify(this.clock.monotonic());
  }

  #notify(now: number): void {
    this.#saidAt = now;
    const took = this.#began === undefined ? 0 : now - this.#began;
    const speed = took < EARLY ? undefined : (this.#received * 1_000) / took;
    this.say({ files: this.#files, bytes: this.#bytes, speed });
  }
}

/** How long the rest will take, ms; undefined at first. */
export function timeNeeded({ bytes, speed }: SaveProgress): number | undefined {
  const rest = Math.max(0, bytes.total - bytes.done);
  if (rest === 0) return 0;
  return speed === undefined || speed === 0 ? undefined : (rest * 1_000) / speed;
}
