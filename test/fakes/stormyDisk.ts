import { NotKnown, type Files, type Journal } from '../../src/platform/journal';
import type { Clock } from '../../src/platform/clock';

/**
 * `full`: takes nothing. `torn`: takes half a line and cannot remove it. `unsaid`: takes a line and reports a failure.
 * `stalled`: answers when the weather changes. `deaf`: reads never return. `broken`: everything fails.
 */
export const WEATHERS = ['fine', 'full', 'torn', 'unsaid', 'stalled', 'deaf', 'broken'] as const;
export type Weather = (typeof WEATHERS)[number];

/** After this time, ms, a frozen or dead window loses its lock. */
const STALE = 4_000;

interface File {
  text: string;
  readonly heartbeats: Map<string, number>;
  lock: { readonly owner: symbol; readonly since: number; readonly life: Owner } | undefined;
}

interface Owner {
  readonly isOver: boolean;
}

/** Files in memory, shared by windows that freeze and are killed, on a disk that may fail in every way. */
export class StormyDisk {
  readonly #files = new Map<string, File>();
  #weather: Weather = 'fine';
  /** Waiting for a lock or for better weather. */
  #waiting: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  set weather(weather: Weather) {
    this.#weather = weather;
    this.#wakeAll();
  }

  /** The files as one window sees them. */
  filesOf(life: Owner): Files {
    const journals = new Map<string, Journal>();
    return (name) => {
      const journal = journals.get(name) ?? this.#journal(this.#fileOf(name), life);
      journals.set(name, journal);
      return journal;
    };
  }

  textOf(name: string): string {
    return this.#fileOf(name).text;
  }

  #fileOf(name: string): File {
    const file = this.#files.get(name) ?? { text: '', heartbeats: new Map<string, number>(), lock: undefined };
    this.#files.set(name, file);
    return file;
  }

  #journal(file: File, life: Owner): Journal {
    const owner = Symbol('window');
    const inside = { is: false };
    const check = () => {
      if (inside.is && file.lock?.owner !== owner) throw new Error('another window has taken the lock away');
    };
    let last: Promise<unknown> = Promise.resolve();
    return {
      read: async () => {
        await this.#step();
        if (this.#weather === 'deaf') await new Promise(() => undefined);
        return file.text;
      },
      append: async (line) => {
        check();
        await this.#step();
        this.#append(file, line);
      },
      replace: async (text) => {
        await this.#step();
        if (this.#weather !== 'fine' && this.#weather !== 'deaf') throw new Error('ENOSPC');
        check();
        file.text = text;
      },
      heartbeat: async (who) => {
        await this.#step();
        file.heartbeats.set(who, (file.heartbeats.get(who) ?? 0) + 1);
        check();
      },
      heartbeats: async () => {
        await this.#step();
        return new Map(file.heartbeats);
      },
      rest: async (who) => {
        await this.#step();
        file.heartbeats.delete(who);
      },
      exclusively: (work) => {
        const mine = last.then(async () => {
          await this.#enter(file, owner, life);
          inside.is = true;
          try {
            return await work();
          } finally {
            inside.is = false;
            if (file.lock?.owner === owner) file.lock = undefined;
            this.#wakeAll();
          }
        });
        last = mine.catch(() => undefined);
        return mine;
      },
    };
  }

  #append(file: File, line: string): void {
    const start = file.text === '' || file.text.endsWith('\n') ? '' : '\n';
    if (this.#weather === 'full') throw new Error('ENOSPC');
    if (this.#weather === 'torn') file.text += start + line.slice(0, line.length / 2);
    else file.text += `${start}${line}\n`;
    if (this.#weather === 'torn' || this.#weather === 'unsaid') throw new NotKnown(this.#weather);
  }

  async #step(): Promise<void> {
    while (this.#weather === 'stalled') await this.#change();
    if (this.#weather === 'broken') throw new Error('EIO');
  }

  async #enter(file: File, owner: symbol, life: Owner): Promise<void> {
    await this.#step();
    if (this.#weather === 'full') throw new Error('ENOSPC');
    while (file.lock && !file.lock.life.isOver && this.clock.now() - file.lock.since <= STALE) {
      const alarm = this.clock.after(STALE, () => this.#wakeAll());
      await this.#change();
      alarm.dispose();
    }
    file.lock = { owner, since: this.clock.now(), life };
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
