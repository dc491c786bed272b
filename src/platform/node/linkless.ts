import * as l10n from '@vscode/l10n';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { DiskError } from '../folder';

// Files in folders that others may write to, too: what they put there must not lead our writing elsewhere. Windows knows
// no O_NOFOLLOW (its value is undefined there, and counts as 0): what was opened is compared with what lies at the name.

/** Something that is opened for writing, and never by way of a link. @throws EEXIST if anything has that name. */
export function openNew(file: string): Promise<fs.FileHandle> {
  return fs.open(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
}

/**
 * A file that is there. One that has another name elsewhere counts as a link, too.
 * @throws {DiskError} for a link, or whatever else is no file; ENOENT if there is nothing.
 */
export async function openThere(file: string, flags: number): Promise<fs.FileHandle> {
  const seen = await fs.lstat(file, { bigint: true });
  if (!seen.isFile()) throw linkError(file);
  const handle = await fs.open(file, flags | constants.O_NOFOLLOW);
  try {
    const opened = await handle.stat({ bigint: true });
    const isSeen = process.platform !== 'win32' || (opened.ino === seen.ino && opened.dev === seen.dev);
    if (opened.isFile() && isSeen && opened.nlink <= 1n) return handle;
    throw linkError(file);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Makes a folder in another one, or takes it as it is: links are followed only as long as they stay inside the root. */
export async function makeFolder(folder: string, root: string): Promise<void> {
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await checkFolder(folder, root);
  }
}

/**
 * The folder and what it lies in. Not by `mkdir`'s own `recursive`, which never comes back where a folder takes no other
 * and says that there is none, as /proc does.
 */
export async function makeRoot(folder: string): Promise<void> {
  const isThere = async () => (await unlessMissing(fs.stat(folder)))?.isDirectory() === true;
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (await isThere()) return;
    const around = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || around === folder) throw error;
    await makeRoot(around);
    await fs.mkdir(folder).catch(async (second: unknown) => {
      if (!(await isThere())) throw second; // else another window made it
    });
  }
}

/** @param root as the disk itself calls it. @throws {DiskError} if the folder leads out of it; ENOENT if there is none. */
export async function checkFolder(folder: string, root: string): Promise<void> {
  const found = await fs.lstat(folder);
  if (found.isDirectory()) return;
  if (!found.isSymbolicLink())
    throw new DiskError(l10n.t('Nothing can be written to {0}: a file is in the way.', folder), { isForAll: false });
  const real = await fs.realpath(folder);
  if (real !== root && !real.startsWith(root + path.sep)) throw linkError(folder);
}

/**
 * Adds a line, on a line of its own even after one that was torn. Nothing is cut off where it fails: another window may
 * have written after it.
 */
export async function addLine(file: string, line: string): Promise<void> {
  const handle = await openThere(file, constants.O_RDWR | constants.O_APPEND).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return openNew(file);
    throw error;
  });
  try {
    const { size } = await handle.stat();
    const isTorn = size > 0 && !(await endsLine(handle, size));
    const text = Buffer.from(`${isTorn ? '\n' : ''}${line}\n`);
    const { bytesWritten } = await handle.write(text, 0, text.length);
    if (bytesWritten < text.length) throw noSpace();
  } finally {
    await handle.close();
  }
}

async function endsLine(handle: fs.FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last.toString('latin1') === '\n';
}

/** A disk that is full may take some of it and say so by the number alone. */
export async function writeAll(handle: fs.FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw noSpace();
    done += bytesWritten;
  }
}

function noSpace(): Error {
  return Object.assign(new Error('Nothing was written.'), { code: 'ENOSPC' });
}

function linkError(file: string): DiskError {
  return new DiskError(l10n.t('{0} leads somewhere else, so nothing is read or written there.', file), {
    isForAll: false,
  });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
