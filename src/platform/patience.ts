import type { Clock } from './clock';
import type { Disposable } from './emitter';
import { NotKnown, type Heartbeats, type Files, type Journal } from './journal';

/** Waits are counted in moments of this length, ms, since a frozen window does not wait. */
const MOMENT = 1_000;
/** Moments; a disk that takes longer does not answer. */
const AT_THE_DISK = 5;
/** Moments; the lock of a window that froze inside is taken away after about four. */
const AT_THE_DOOR = 8;

/** The same files on a disk that may never answer: then each operation fails after a while. */
export function patientFiles(files: Files | Promise<Files>, clock: Clock): Files {
  const known = new Map<string, Journal>();
  return (name) => {
    const journal =
      known.get(name) ??
      new PatientJournal(typeof files === 'function' ? files(name) : files.then((late) => late(name)), clock);
    known.set(name, journal);
    return journal;
  };
}

class PatientJournal implements Journal {
  /** Writes that have not returned. */
  readonly #writing = new Set<Promise<unknown>>();
  #known: Journal | undefined;

  constructor(
    private readonly journal: Journal | Promise<Journal>,
    private readonly clock: Clock,
  ) {
    // a location that is never known fails each operation
    void Promise.resolve(journal).then(
      (known) => (this.#known = known),
      () => undefined,
    );
  }

  read(): Promise<string> {
    return this.#soon((journal) => journal.read());
  }

  append(line: string): Promise<void> {
    return this.#write((journal) => journal.append(line));
  }

  replace(text: string, isLasting?: boolean): Promise<void> {
    return this.#write((journal) => journal.replace(text, isLasting));
  }

  /** Settles like the work. No other caller enters before its last write has returned. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const door = { isGivenUp: false };
    const giveUp = () => {
      door.isGivenUp = true; // a caller whose wait has failed must not enter after all
      return new Error('the disk does not let us in');
    };
    return new Promise<T>((resolve, reject) => {
      const entered = new Promise<void>((enter, refuse) => {
        const inside = async () => {
          enter();
          if (door.isGivenUp) return;
          await work().then(resolve, reject);
          await Promise.allSettled(this.#writing);
        };
        this.#then((journal) => journal.exclusively(inside)).catch(refuse);
      });
      this.#within(AT_THE_DOOR, entered, giveUp).catch(reject);
    });
  }

  heartbeat(who: string): Promise<void> {
    return this.#soon((journal) => journal.heartbeat(who));
  }

  heartbeats(whom: readonly string[]): Promise<Heartbeats> {
    return this.#soon((journal) => journal.heartbeats(whom));
  }

  rest(who: string): Promise<void> {
    return this.#soon((journal) => journal.rest(who));
  }

  get place(): string | undefined {
    return this.#known?.place;
  }

  /** The location may not be known yet. */
  #then<T>(work: (journal: Journal) => Promise<T>): Promise<T> {
    return this.journal instanceof Promise ? this.journal.then(work) : work(this.journal);
  }

  #soon<T>(work: (journal: Journal) => Promise<T>): Promise<T> {
    return this.#within(AT_THE_DISK, this.#then(work), () => new Error('the disk does not answer'));
  }

  #write(work: (journal: Journal) => Promise<void>): Promise<void> {
    const writing = this.#then(work);
    this.#writing.add(writing);
    const done = () => void this.#writing.delete(writing);
    writing.then(done, done);
    return this.#within(AT_THE_DISK, writing, () => new NotKnown('the disk does not answer'));
  }

  #within<T>(moments: number, work: Promise<T>, failure: () => Error): Promise<T> {
    return withinMoments(this.clock, moments, work, failure);
  }
}

/**
 * Settles like the work, unless that takes too long; then its result is ignored.
 * @param moments seconds in which the window was awake, since a frozen window does not wait.
 * @throws what the work throws, or the result of `failure` when it takes too long.
 */
export function withinMoments<T>(
  clock: Pick<Clock, 'after'>,
  moments: number,
  work: Promise<T>,
  failure: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let alarm: Disposable | undefined;
    const done = () => alarm?.dispose();
    const wait = (left: number): void => {
      if (left === 0) return reject(failure());
      alarm = clock.after(MOMENT, () => wait(left - 1));
    };
    wait(moments);
    work.finally(done).then(resolve, reject);
  });
}
