import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Files, Journal } from '../core/guard/journal';

/** A lock is held for milliseconds: what is this old was left behind. */
const STALE = 4_000;
const RETRY = 10;
/** Counted rather than timed: a window that was frozen has not been trying. About 15 s. */
const TRIES = 1_500;

/** The files of one folder. */
export function filesIn(folder: string): Files {
  const files = new Map<string, Journal>();
  return (name) => {
    const file = files.get(name) ?? new JournalFile(folder, name);
    files.set(name, file);
    return file;
  };
}

/** The journal as a file that several windows write to. Touches the disk only when used. */
export class JournalFile implements Journal {
  readonly #file: string;
  readonly #lock: string;
  #last: Promise<unknown> = Promise.resolve();
  /** Our lock, while we are inside. */
  #owner: string | undefined;

  constructor(
    private readonly folder: string,
    name: string,
  ) {
    this.#file = path.join(folder, name);
    this.#lock = path.join(folder, `${name}.lock`);
  }

  async read(): Promise<string> {
    return (await unlessMissing(fs.readFile(this.#file, 'utf8'))) ?? '';
  }

  /** One write, and on the disk when it resolves. A line that a crash has torn is ended first. */
  async append(line: string): Promise<void> {
    await fs.mkdir(this.folder, { recursive: true });
    await this.#checkLock();
    const file = await fs.open(this.#file, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      const isTorn = bytesRead === 1 && buffer.toString() !== '\n';
      await file.write(`${isTorn ? '\n' : ''}${line}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async replace(text: string, isLasting = true): Promise<void> {
    const next = `${this.#file}.${randomUUID()}`;
    try {
      await fs.writeFile(next, text, { mode: 0o600, flush: isLasting });
      await this.#checkLock();
      await fs.rename(next, this.#file);
    } finally {
      await fs.rm(next, { force: true });
    }
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => this.#locked(work));
    this.#last = mine.catch(() => undefined); // the failure is the caller's; the next one may come in
    return mine;
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    await fs.mkdir(this.folder, { recursive: true });
    const owner = JSON.stringify([os.hostname(), process.pid, randomUUID()]);
    for (let tries = 0; !(await create(this.#lock, owner)); tries++) {
      if (tries > TRIES) throw new Error('another window holds the lock');
      if (!(await this.#takeAway())) await pause(RETRY);
    }
    this.#owner = owner;
    try {
      return await work();
    } finally {
      this.#owner = undefined;
      if ((await contentOf(this.#lock)) === owner) await fs.rm(this.#lock, { force: true });
    }
  }

  /** A window that was frozen inside may find that its lock was taken away, and others inside. */
  async #checkLock(): Promise<void> {
    if (this.#owner !== undefined && (await contentOf(this.#lock)) !== this.#owner)
      throw new Error('another window has taken the lock away');
  }

  /** Removes a lock whose owner is gone. Only one window at a time may judge, or the second would remove a new lock. */
  async #takeAway(): Promise<boolean> {
    if (!(await isAbandoned(this.#lock))) return false;
    const judge = `${this.#lock}.judge`;
    if (!(await create(judge, ''))) {
      if (await isOld(judge)) await fs.rm(judge, { force: true });
      return false;
    }
    try {
      if (!(await isAbandoned(this.#lock))) return false;
      await fs.rm(this.#lock, { force: true });
      return true;
    } finally {
      await fs.rm(judge, { force: true });
    }
  }
}

/** False if it is there already. */
async function create(file: string, content: string): Promise<boolean> {
  try {
    await fs.writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    // Windows says EPERM of a file that is just being deleted.
    if (isCode(error, 'EEXIST') || (process.platform === 'win32' && isCode(error, 'EPERM'))) return false;
    throw error;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  if (await isOld(lock)) return true;
  const [host, pid] = ownerOf(await contentOf(lock));
  return host === os.hostname() && typeof pid === 'number' && !isRunning(pid);
}

async function isOld(file: string): Promise<boolean> {
  const stat = await unlessMissing(fs.stat(file));
  return stat !== undefined && Date.now() - stat.mtimeMs > STALE;
}

function ownerOf(content: string | undefined): readonly unknown[] {
  try {
    const owner: unknown = JSON.parse(content ?? '');
    return Array.isArray(owner) ? owner : [];
  } catch {
    return []; // not written to the end yet: its age decides
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

function contentOf(file: string): Promise<string | undefined> {
  return unlessMissing(fs.readFile(file, 'utf8'));
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
