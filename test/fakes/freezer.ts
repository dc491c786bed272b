import type { Files, Journal } from '../../src/platform/journal';
import type { Clock } from '../../src/platform/clock';
import type { KeyRing } from '../../src/accounts/keyRing';

/** Freezes a window at anything it waits for. What arrives meanwhile is delivered when it thaws. */
export class Freezer {
  /** How many times the window has waited so far. */
  steps = 0;
  /** The step before which it freezes. */
  freezesAt = Number.POSITIVE_INFINITY;
  isFrozen = false;
  #parked: (() => void)[] = [];

  thaw(): void {
    this.isFrozen = false;
    for (const run of this.#parked.splice(0)) run();
  }

  readonly fetchFrom =
    (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
    (input, init) =>
      this.#after(fetch(input, init));

  clockOf(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, run) => {
        let isOff = false;
        const alarm = clock.after(ms, () => this.#whenAwake(() => isOff || run()));
        return {
          dispose: () => {
            isOff = true;
            alarm.dispose();
          },
        };
      },
    };
  }

  keysOf(keys: KeyRing): KeyRing {
    return { get: (server) => this.#after(keys.get(server)) };
  }

  filesOf(files: Files): Files {
    const known = new Map<string, Journal>();
    return (name) => {
      const journal = known.get(name) ?? this.#journalOf(files(name));
      known.set(name, journal);
      return journal;
    };
  }

  #journalOf(journal: Journal): Journal {
    return {
      read: () => this.#after(journal.read()),
      append: (line) => this.#after(journal.append(line)),
      replace: (text, isLasting) => this.#after(journal.replace(text, isLasting)),
      exclusively: (work) => this.#after(journal.exclusively(work)),
      heartbeat: (who) => this.#after(journal.heartbeat(who)),
      heartbeats: (whom) => this.#after(journal.heartbeats(whom)),
      rest: (who) => this.#after(journal.rest(who)),
    };
  }

  async #after<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      await this.#step();
    }
  }

  #step(): Promise<void> {
    this.steps++;
    if (this.steps === this.freezesAt) this.isFrozen = true;
    return new Promise((resolve) => this.#whenAwake(resolve));
  }

  #whenAwake(run: () => void): void {
    if (this.isFrozen) this.#parked.push(() => this.#whenAwake(run));
    else run();
  }
}
