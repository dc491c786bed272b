import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, NoFile, textIn, unlessMissing, writeWhole } from './wholeWrites';

/** ms. */
const RETRY = 25;
/** A lock is held for milliseconds: one that is seen this often in a row, for 3 to 5 s, was left behind. */
const STALE = 120;
/** Counted rather than timed, since a frozen window does not try. About 15 s. */
const TRIES = 600;

/** Lets one window in at a time, by a file that exists while somebody is inside. */
export class FileLock {
  readonly #judge: string;
  /** The content of our lock file while we are inside. */
  #owner: string | undefined;

  constructor(private readonly file: string) {
    this.#judge = `${file}.judge`;
  }

  /** The folder has to exist. @throws if the lock does not become free. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const owner = JSON.stringify([os.hostname(), process.pid, randomUUID()]);
    const [lock, judge] = [new Sighting(this.file), new Sighting(this.#judge)];
    for (let tries = 0; !(await create(this.file, owner)); tries++) {
      if (tries > TRIES) throw new Error('another window holds the lock');
      if (!(await this.#takeAway(lock, judge))) await pause(RETRY);
    }
    this.#owner = owner;
    try {
      return await work();
    } finally {
      this.#owner = undefined;
      if ((await contentOf(this.file)) === owner) await fs.rm(this.file, { force: true });
    }
  }

  /** @throws if our lock was taken away because this window was frozen inside: other windows may have entered. */
  async check(): Promise<void> {
    if (this.#owner !== undefined && (await contentOf(this.file)) !== this.#owner)
      throw new Error('another window has taken the lock away');
  }

  /**
   * Removes a lock whose owner is gone. Only one window at a time may decide this, or a second one could remove a new
   * lock.
   */
  async #takeAway(lock: Sighting, judge: Sighting): Promise<boolean> {
    const met = await lock.look();
    if (met === undefined || !isAbandoned(met)) return false;
    if (!(await create(this.#judge, ''))) {
      const other = await judge.look();
      if (other && other.times > STALE) await fs.rm(this.#judge, { force: true });
      return false;
    }
    try {
      if ((await lock.look())?.mark !== met.mark) return false;
      await fs.rm(this.file, { force: true });
      return true;
    } finally {
      await fs.rm(this.#judge, { force: true });
    }
  }
}

interface Met {
  readonly content: string;
  /** Distinguishes this file from another one with the same name. */
  readonly mark: string;
  /** How often it was seen in a row. */
  readonly times: number;
}

/**
 * Counts how often the same file was seen. Its modification time says nothing: disks have their own clocks, and clocks
 * are set.
 */
class Sighting {
  #last: Met | undefined;

  constructor(private readonly file: string) {}

  async look(): Promise<Met | undefined> {
    const [content, stat] = [await contentOf(this.file), await unlessMissing(fs.lstat(this.file))];
    if (content === undefined || stat === undefined) return (this.#last = undefined);
    const mark = JSON.stringify([content, stat.ino, stat.mtimeMs]);
    this.#last = { content, mark, times: this.#last?.mark === mark ? this.#last.times + 1 : 1 };
    return this.#last;
  }
}

function isAbandoned({ content, times }: Met): boolean {
  if (times > STALE) return true;
  const [host, pid] = ownerOf(content);
  return host === os.hostname() && typeof pid === 'number' && !isRunning(pid);
}

/** False if the file exists. If the disk creates the file but not its content, the file is removed again. */
async function create(file: string, content: string): Promise<boolean> {
  const made = await openNew(file);
  if (!made) return false;
  try {
    await writeWhole(made, content);
  } catch (error) {
    await fs.rm(file, { force: true });
    throw error;
  } finally {
    await made.close();
  }
  return true;
}

async function openNew(file: string): Promise<fs.FileHandle | undefined> {
  try {
    return await fs.open(file, 'wx', 0o600);
  } catch (error) {
    // Windows reports EPERM for a file that is just being deleted.
    if (codeOf(error) === 'EEXIST' || (process.platform === 'win32' && codeOf(error) === 'EPERM')) return undefined;
    throw error;
  }
}

function ownerOf(content: string): readonly unknown[] {
  try {
    const owner: unknown = JSON.parse(content);
    return Array.isArray(owner) ? owner : [];
  } catch {
    return []; // not completely written yet: its age decides
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Empty where no file lies, e.g. a folder: nobody holds such a lock. */
function contentOf(file: string): Promise<string | undefined> {
  return unlessMissing(textIn(file)).catch((error: unknown) => {
    if (error instanceof NoFile) return '';
    throw error;
  });
}
