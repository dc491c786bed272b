import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { NotKnown, reasonOf, type Heartbeats, type Files, type Journal } from '../journal';
import { FileLock } from './fileLock';
import { textIn, unlessMissing, writeWhole } from './wholeWrites';
import { HOUR } from '../units';

/** Files of this age are no longer in use, ms. */
const LEFT_BEHIND = HOUR;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const HEARTBEAT = '.beat';
/** Does not follow links; where the flag is unknown (Windows) it counts as 0. */
const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;

/** The files of one folder. */
export function filesIn(folder: string): Files {
  const files = new Map<string, Journal>();
  return (name) => {
    const file = files.get(name) ?? new JournalFile(folder, name);
    files.set(name, file);
    return file;
  };
}

/** The journal as a file that several windows write to. Uses the disk only when called. */
export class JournalFile implements Journal {
  readonly #file: string;
  readonly #lock: FileLock;
  #last: Promise<unknown> = Promise.resolve();
  #isTidy = false;

  constructor(
    readonly place: string,
    private readonly name: string,
  ) {
    this.#file = path.join(place, name);
    this.#lock = new FileLock(`${this.#file}.lock`);
  }

  async read(): Promise<string> {
    return (await unlessMissing(textIn(this.#file))) ?? '';
  }

  /**
   * On the disk when it resolves, and visible to every window that enters later. Ends a line first that a crash has
   * torn.
   * @throws {NotKnown} also if other windows entered during the write: they may not have seen it.
   */
  async append(line: string): Promise<void> {
    await fs.mkdir(this.place, { recursive: true, mode: 0o700 });
    await this.#lock.check();
    const file = await fs.open(this.#file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      const isTorn = bytesRead === 1 && buffer.toString() !== '\n';
      await this.#add(file, size, `${isTorn ? '\n' : ''}${line}\n`);
      await this.#checkLine(file, size, line);
    } finally {
      await file.close();
    }
    // Other windows may have written after it, so it stays.
    await this.#lock.check().catch((error: unknown) => {
      throw new NotKnown(`${reasonOf(error)} before the line was written`, { cause: error });
    });
  }

  /**
   * A window that enters removes the unfinished files of earlier ones. So a window that was frozen during this finds
   * its own file gone, and overwrites nothing that was written since.
   */
  async replace(text: string, isLasting = true): Promise<void> {
    const next = `${this.#file}.${randomUUID()}`;
    try {
      const file = await fs.open(next, 'wx', 0o600);
      try {
        await writeWhole(file, text);
        if (isLasting) await file.sync();
      } finally {
        await file.close();
      }
      await this.#lock.check();
      await fs.rename(next, this.#file);
      await this.#lock.check();
    } finally {
      await fs.rm(next, { force: true });
    }
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const entered = this.#last.then(() => this.#enter(work));
    this.#last = entered.catch(() => undefined); // the failure is the caller's; the next one may enter
    return entered;
  }

  /** The modification time of an empty file. */
  async heartbeat(who: string): Promise<void> {
    const [file, now] = [this.#beatOf(who), new Date()];
    const isThere = await unlessMissing(fs.lutimes(file, now, now).then(() => true));
    if (!isThere) await fs.writeFile(file, '', { mode: 0o600, flag: O_RDWR | O_CREAT | O_NOFOLLOW });
    await this.#lock.check();
  }

  async heartbeats(whom: readonly string[]): Promise<Heartbeats> {
    const known = whom.filter((who) => UUID.test(who));
    const stats = await Promise.all(known.map((who) => unlessMissing(fs.lstat(this.#beatOf(who)))));
    return new Map(known.map((who, index) => [who, stats[index]?.mtimeMs ?? 0]));
  }

  async rest(who: string): Promise<void> {
    await fs.rm(this.#beatOf(who), { force: true });
  }

  #beatOf(who: string): string {
    return `${this.#file}.${who}${HEARTBEAT}`;
  }

  async #enter<T>(work: () => Promise<T>): Promise<T> {
    await fs.mkdir(this.place, { recursive: true, mode: 0o700 });
    return this.#lock.during(async () => {
      await this.#clear(); // a window that fails here must neither read nor write
      if (!this.#isTidy) await this.#tidyUp().catch(() => undefined); // the next window tries again
      this.#isTidy = true;
      return work();
    });
  }

  /**
   * Never truncates: a window that was frozen would cut off what others have written since. Readers ignore a torn line,
   * and the next line begins after it.
   * @throws {NotKnown} if a part of it may be there.
   */
  async #add(file: fs.FileHandle, size: number, text: string): Promise<void> {
    try {
      await writeWhole(file, text);
      await file.datasync();
    } catch (error) {
      const now = await file.stat().catch(() => undefined);
      if (now?.size === size) throw error;
      if (now) await writeWhole(file, '\n').catch(() => undefined); // the next writer makes up for it
      throw new NotKnown(`${reasonOf(error)}; a part of it may be there`, { cause: error });
    }
  }

  /** @throws {NotKnown} if it cannot be read, or contains a late write of a window that was frozen. */
  async #checkLine(file: fs.FileHandle, from: number, line: string): Promise<void> {
    const stat = await file.stat().catch(() => undefined);
    const length = Math.max(0, (stat?.size ?? 0) - from);
    const read = await file.read(Buffer.alloc(length), 0, length, from).catch(() => undefined);
    const lines = read?.buffer.toString().split('\n') ?? [];
    if (!lines.includes(line)) throw new NotKnown('the line does not stand there alone');
  }

  /** Only the window inside may have an unfinished replacement: all others belong to windows that lost the lock. */
  async #clear(): Promise<void> {
    for (const file of await this.#beside('')) await fs.rm(file, { force: true });
  }

  /** The files beside the journal with this ending. */
  async #beside(ending: string): Promise<readonly string[]> {
    const prefix = `${this.name}.`;
    const isOurs = (name: string) =>
      name.startsWith(prefix) &&
      name.endsWith(ending) &&
      UUID.test(name.slice(prefix.length, name.length - ending.length));
    return (await fs.readdir(this.place)).filter(isOurs).map((name) => path.join(this.place, name));
  }

  /**
   * Removes the files of windows that were killed. An age in either direction counts, since clocks are set, and disks
   * have their own.
   */
  async #tidyUp(): Promise<void> {
    for (const file of await this.#beside(HEARTBEAT)) {
      const stat = await unlessMissing(fs.stat(file));
      if (stat && Math.abs(Date.now() - stat.mtimeMs) > LEFT_BEHIND) await fs.rm(file, { force: true });
    }
  }
}
