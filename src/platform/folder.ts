/** A folder on the user's disk, made when something is put into it. Paths are inside it, with `/` between their parts. */
export interface Folder {
  /** Its absolute path, for people. */
  readonly place: string;
  /** The size of a file, `other` for whatever else has that name, undefined for nothing. */
  look(path: string): Promise<number | 'other' | undefined>;
  /** Undefined if there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Whole or not at all. False if something has that name already. */
  create(path: string, text: string): Promise<boolean>;
  append(path: string, line: string): Promise<void>;
  /** Whether anything lies where a file is kept until it is whole. */
  isBegun(path: string): Promise<boolean>;
  /** How many bytes of a file have come so far. They lie beside it until it is whole. */
  arrived(path: string): Promise<number>;
  /** @throws {DiskError} if its disk is known to have no room for so many bytes more. */
  fits(bytes: number): Promise<void>;
  /** Goes on after so many bytes; whatever came after them is dropped. */
  receive(path: string, from: number): Promise<Sink>;
  /** Gives a file that is whole a name, its own or another. False if something has that name already. */
  finish(path: string, name: string): Promise<boolean>;
  /** Throws away what has come of a file so far. */
  discard(path: string): Promise<void>;
}

export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** What was written is on the disk when this resolves. */
  close(): Promise<void>;
}

/** Why something cannot be written. The message is for the user. Every method of a folder may throw it. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  /** Whether nothing else can be written, either. */
  readonly isForAll: boolean;

  constructor(message: string, { isForAll = true, ...options }: ErrorOptions & { readonly isForAll?: boolean } = {}) {
    super(message, options);
    this.isForAll = isForAll;
  }
}

/** The disks of this computer. */
export interface Disk {
  /** What the user typed as a folder, as an absolute path; undefined if it is none. */
  absolute(text: string): string | undefined;
  /** A folder in another, which is named by its absolute path. */
  folder(parent: string, name: string): Folder;
  /** Why nothing can be written into a folder that is named by its absolute path, for the user; undefined if it can. */
  whyNotWritable(folder: string): Promise<string | undefined>;
}
