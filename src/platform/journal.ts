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
  heartbeat(who: string): Promise<void>;
  /** What changes with each heartbeat of theirs. Nobody's clock. */
  heartbeats(whom: readonly string[]): Promise<Heartbeats>;
  /** No heartbeat of theirs will come any more. */
  rest(who: string): Promise<void>;
}

export type Heartbeats = ReadonlyMap<string, number>;

/** It may have been written, or a part of it. */
export class NotKnown extends Error {}

/** Why a disk failed, as it says itself. */
export function reasonOf(error: unknown): string {
  // eslint-disable-next-line texts/marked -- for the log
  return error instanceof Error ? error.message : 'no reason given';
}

/** Texts that all windows share, each by its file name. The same name is the same journal. */
export type Files = (name: string) => Journal;
