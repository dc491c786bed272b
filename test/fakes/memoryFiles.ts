import type { Heartbeats, Files, Journal } from '../../src/platform/journal';

/** Files that last as long as their owner. */
export function memoryFiles(): Files {
  const files = new Map<string, Journal>();
  return (name) => {
    const file = files.get(name) ?? new MemoryJournal();
    files.set(name, file);
    return file;
  };
}

/** A journal that lasts as long as its owner. */
export class MemoryJournal implements Journal {
  #text = '';
  readonly #heartbeats = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  read(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  append(line: string): Promise<void> {
    this.#text += `${line}\n`;
    return Promise.resolve();
  }

  replace(text: string): Promise<void> {
    this.#text = text;
    return Promise.resolve();
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined); // the caller gets the error; the next one must still run
    return mine;
  }

  heartbeat(who: string): Promise<void> {
    this.#heartbeats.set(who, (this.#heartbeats.get(who) ?? 0) + 1);
    return Promise.resolve();
  }

  heartbeats(): Promise<Heartbeats> {
    return Promise.resolve(new Map(this.#heartbeats));
  }

  rest(who: string): Promise<void> {
    this.#heartbeats.delete(who);
    return Promise.resolve();
  }
}
