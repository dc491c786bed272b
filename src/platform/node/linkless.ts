import * as l10n from '@vscode/l10n';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { DiskError } from '../folder';
import { codeOf, noSpace, unlessMissing } from './wholeWrites';

// For files in folders where others may write too: what they put there must not redirect our writes. Windows has no
// O_NOFOLLOW (undefined there, counts as 0), so the opened file is compared with what is at its path.

/** Creates a file for writing, never through a link. @throws EEXIST if the name is taken. */
export function openNew(file: string): Promise<fs.FileHandle> {
  return fs.open(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
}

/**
 * Opens an existing file. A file that has a second name elsewhere counts as a link too.
 * @throws {DiskError} for links and everything else that is not a file; ENOENT if there is nothing.
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

/**
 * Creates a folder in another one, or accepts an existing one: links are followed only while they stay inside the root.
 */
export async function makeFolder(folder: string, root: string): Promise<void> {
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await checkFolder(folder, root);
  }
}

/**
 * Creates the folder and its parents. Does not use `recursive` of `mkdir`, which never returns in a folder that accepts
 * no others and reports ENOENT, such as /proc.
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
      if (!(await isThere())) throw second; // else another window has created it
    });
  }
}

/**
 * @param root as the disk itself names it. @throws {DiskError} if the folder leads out of it; ENOENT if there is none.
 */
export async function checkFolder(folder: string, root: string): Promise<void> {
  const found = await fs.lstat(folder);
  if (found.isDirectory()) return;
  if (!found.isSymbolicLink())
    throw new DiskError(l10n.t('Nothing can be written to {0}: a file is in the way.', folder), { isForAll: false });
  const real = await fs.realpath(folder);
  if (real !== root && !real.startsWith(root + path.sep)) throw linkError(folder);
}

/**
 * Adds a line, on its own line even after a torn one. Never truncates after a failure: another window may have written
 * after it.
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

function linkError(file: string): DiskError {
  return new DiskError(l10n.t('{0} leads somewhere else, so nothing is read or written there.', file), {
    isForAll: false,
  });
}
