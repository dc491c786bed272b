/**
 * A folder on the user's disk, created when something is written to it. Paths are relative to it, with `/` as the
 * separator.
 */
export interface Folder {
  /** Its absolute path, for people. */
  readonly place: string;
  /** The size of a file, `other` for anything else with that name, undefined for nothing. */
  look(path: string): Promise<number | 'other' | undefined>;
  /** Undefined if there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Writes the whole file or nothing. False if the name is taken. */
  create(path: string, text: string): Promise<boolean>;
  append(path: string, line: string): Promise<void>;
  /** Whether an incomplete file of this name exists. */
  isBegun(path: string): Promise<boolean>;
  /** How many bytes of a file have been received. They are stored beside it until it is complete. */
  arrived(path: string): Promise<number>;
  /** @throws {DiskError} if its disk is known to have no room for so many more bytes. */
  fits(bytes: number): Promise<void>;
  /** Continues after so many bytes; anything after them is dropped. */
  receive(path: string, from: number): Promise<Sink>;
  /** Gives a complete file its final name, or another one. False if the name is taken. */
  finish(path: string, name: string): Promise<boolean>;
  /** Deletes what has been received of a file. */
  discard(path: string): Promise<void>;
}

export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything written is on the disk. */
  close(): Promise<void>;
}

/** Why something cannot be written. The message is for the user. Every method of a folder may throw it. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  /** Whether nothing else can be written either. */
  readonly isForAll: boolean;

  constructor(message: string, { isForAll = true, ...options }: ErrorOptions & { readonly isForAll?: boolean } = {}) {
    super(message, options);
    this.isForAll = isForAll;
  }
}

/** The disks of this computer. */
export interface Disk {
  /** The folder that the user typed, as an absolute path; undefined if it is not one. */
  absolute(text: string): string | undefined;
  /** A folder inside another one, which is given by its absolute path. */
  folder(parent: string, name: string): Folder;
  /** Why nothing can be written to a folder (absolute path), for the user; undefined if it can. */
  whyNotWritable(folder: string): Promise<string | undefined>;
}
