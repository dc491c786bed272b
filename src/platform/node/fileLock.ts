import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { isCode, NoFile, textIn, unlessMissing, writeWhole } from './wholeWrites';

/** ms. */
const RETRY = 25;
/** A lock is held for milliseconds: who still meets the same one after so many looks, 3 to 5 s, takes it for left behind. */
const STALE = 120;
/** Counted rather than timed: a window that was frozen has not been trying. About 15 s. */
const TRIES = 600;

/** Lets one window in at a time, by a file that is there as long as somebody is inside. */
export class FileLock {
  readonly #judge: string;
  /** What stands in our lock, while we are inside. */
  #owner: string | undefined;

  constructor(private readonly file: string) {
    this.#judge = `${file}.judge`;
  }

  /** The folder has to be there. @throws if nobody lets us in. */
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

  /** @throws if our lock was taken away, because this window was frozen inside: then others may have been let in. */
  async check(): Promise<void> {
    if (this.#owner !== undefined && (await contentOf(this.file)) !== this.#owner)
      throw new Error('another window has taken the lock away');
  }

  /** Removes a lock whose owner is gone. Only one window at a time may judge, or the second would remove a new lock. */
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
  /** Distinguishes this file from another one of its name. */
  readonly mark: string;
  /** How often it was met in a row. */
  readonly times: number;
}

/** How often the same file was met. Its own time says nothing: disks have clocks of their own, and clocks are set. */
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

/** False if it is there already. A disk that takes the name and not the content is left as it was. */
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
    // Windows says EPERM of a file that is just being deleted.
    if (isCode(error, 'EEXIST') || (process.platform === 'win32' && isCode(error, 'EPERM'))) return undefined;
    throw error;
  }
}

function ownerOf(content: string): readonly unknown[] {
  try {
    const owner: unknown = JSON.parse(content);
    return Array.isArray(owner) ? owner : [];
  } catch {
    return []; // not written to the end yet: how long it stays so decides
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

/** What is no file is a lock that nobody holds. */
function contentOf(file: string): Promise<string | undefined> {
  return unlessMissing(textIn(file)).catch((error: unknown) => {
    if (error instanceof NoFile) return '';
    throw error;
  });
}
