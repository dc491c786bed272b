import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';

/** Bytes, far more than windows share. */
const MOST = 64 * 1024 * 1024;

/** A link, a pipe or a folder lies where a file should be, or a file that is far too large. */
export class NoFile extends Error {
  constructor() {
    super('it is not a file, or is too large');
  }
}

/** The text of a file. Opening a pipe would otherwise block one of Node's few threads. @throws {NoFile} */
export async function textIn(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants; // where they are unknown (Windows) they count as 0
  const file = await fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    throw codeOf(error) === 'ELOOP' ? new NoFile() : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MOST) throw new NoFile();
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * @param from a position in the file; by default where it is.
 * @throws if the disk does not accept all of it: an incomplete write is not an error to the system.
 */
export async function writeWhole(file: fs.FileHandle, content: string | Uint8Array, from?: number): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(
      bytes,
      done,
      bytes.length - done,
      from === undefined ? null : from + done,
    );
    if (bytesWritten === 0) throw noSpace();
    done += bytesWritten;
  }
}

export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function noSpace(): Error {
  return Object.assign(new Error('the disk takes no more'), { code: 'ENOSPC' });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
