/** Where intents are written down: shared by all windows, and there after a restart. */
export interface Journal {
  read(): Promise<string>;
  /**
   * Adds one line. It is kept when this resolves, and nothing of it is there if this rejects.
   * @throws {NotKnown} if it may be there, whole or in part.
   */
  append(line: string): Promise<void>;
  /**
   * Puts another text in place of all that is there, whole or not at all. Only inside `exclusively`.
   * @param isLasting it is kept when this resolves, even if the power fails; unless told otherwise.
   * @throws if others have been let in meanwhile, because this window was frozen.
   */
  replace(text: string, isLasting?: boolean): Promise<void>;
  /** No other window is inside at the same time. Short work only: no requests. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /**
   * A sign of life, beside the text and next to nothing for the disk. @param who a UUID.
   * @throws inside `exclusively`, if others have been let in meanwhile.
   */
  beat(who: string): Promise<void>;
  /** What changes with each beat of theirs. Nobody's clock. */
  beats(whom: readonly string[]): Promise<Beats>;
  /** No beat of theirs will come any more. */
  rest(who: string): Promise<void>;
}

export type Beats = ReadonlyMap<string, number>;

/** It may have been written, or a part of it. */
export class NotKnown extends Error {}

/** Why a disk failed, as it says itself. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason given';
}

/** Texts that all windows share, each by its file name. The same name is the same journal. */
export type Files = (name: string) => Journal;

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
  readonly #beats = new Map<string, number>();
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
    this.#last = mine.catch(() => undefined); // the failure is the caller's; the next one may come in
    return mine;
  }

  beat(who: string): Promise<void> {
    this.#beats.set(who, (this.#beats.get(who) ?? 0) + 1);
    return Promise.resolve();
  }

  beats(): Promise<Beats> {
    return Promise.resolve(new Map(this.#beats));
  }

  rest(who: string): Promise<void> {
    this.#beats.delete(who);
    return Promise.resolve();
  }
}
