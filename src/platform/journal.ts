/** A text file that all windows share and that survives a restart. */
export interface Journal {
  /** Its folder, if it is in one, and once that is known. */
  readonly place?: string | undefined;
  read(): Promise<string>;
  /**
   * Adds one line. When this resolves it is stored; when it rejects, none of it is.
   * @throws {NotKnown} if it may be stored, whole or in part.
   */
  append(line: string): Promise<void>;
  /**
   * Replaces the whole text or nothing. Only inside `exclusively`.
   * @param isLasting the text is on the disk when this resolves, even if the power fails; true by default.
   * @throws if other windows have entered meanwhile because this one was frozen.
   */
  replace(text: string, isLasting?: boolean): Promise<void>;
  /** Runs while no other window is inside. For short work only: no requests. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /**
   * A sign of life in a file of its own, which costs the disk next to nothing. @param who a UUID.
   * @throws inside `exclusively`, if other windows have entered meanwhile.
   */
  heartbeat(who: string): Promise<void>;
  /** A number for each that changes with every heartbeat. Not to be compared with any clock. */
  heartbeats(whom: readonly string[]): Promise<Heartbeats>;
  /** No more heartbeats of this one will come. */
  rest(who: string): Promise<void>;
}

export type Heartbeats = ReadonlyMap<string, number>;

/** It may have been written, or a part of it. */
export class NotKnown extends Error {}

/** The system's own message for a failure of the disk. */
export function reasonOf(error: unknown): string {
  // eslint-disable-next-line texts/marked -- for the log
  return error instanceof Error ? error.message : 'no reason given';
}

/** The journals by their file names. The same name gives the same journal. */
export type Files = (name: string) => Journal;
