import type { Clock } from '../../src/platform/clock';
import type { Disposable } from '../../src/platform/emitter';
import { isCryptoPending } from './pendingCrypto';
import { turn } from './until';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Time that moves only on request. */
export class ManualClock implements Clock {
  #now: number;
  /** The wall clock minus the steady one. */
  #lead = 0;
  #due: readonly Alarm[] = [];

  constructor(startsAt = Date.UTC(2030, 0, 1, 12)) {
    this.#now = startsAt;
  }

  /** Alarms still set; there must be none once their owner is disposed. */
  get pending(): number {
    return this.#due.length;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#lead;
  }

  after(ms: number, run: () => void): Disposable {
    const alarm = { at: this.#now + ms, run };
    this.#due = [...this.#due, alarm];
    return { dispose: () => this.#drop(alarm) };
  }

  /** Somebody sets the wall clock: alarms keep their remaining time. */
  jump(ms: number): void {
    this.#now += ms;
    this.#lead += ms;
    this.#due = this.#due.map(({ at, run }) => ({ at: at + ms, run }));
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let alarm = this.#next(until); alarm; alarm = this.#next(until)) {
      this.#drop(alarm);
      this.#now = Math.max(this.#now, alarm.at);
      alarm.run();
      await settled();
    }
    this.#now = until;
  }

  /** Advances for as long as the work needs, at most an hour. */
  async finish<T>(work: Promise<T>): Promise<T> {
    const watch = { isDone: false };
    const done = () => void (watch.isDone = true);
    work.then(done, done);
    const until = this.#now + 3_600_000;
    await settled();
    for (let alarm = this.#next(until); alarm && !watch.isDone; alarm = this.#next(until)) {
      await this.advance(alarm.at - this.#now);
    }
    return work;
  }

  #drop(alarm: Alarm): void {
    this.#due = this.#due.filter((other) => other !== alarm);
  }

  #next(until: number): Alarm | undefined {
    return this.#due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets every promise that can settle without time or the network do so. */
export async function settled(): Promise<void> {
  do await turn();
  while (isCryptoPending());
}
