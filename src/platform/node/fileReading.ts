import * as fs from 'node:fs/promises';

// VS Code reads whole files only.

interface Readable {
  readonly size: number;
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
}

/** Keeps the file open while the work runs. @throws if it cannot be read. */
export function readingFile<T>(path: string, work: (file: Readable) => Promise<T>): Promise<T> {
  return opened(path, async (file) => {
    const { size } = await file.stat();
    return work({ size, read: (from, length) => partOf(file, from, length) });
  });
}

/** When it was last written, ms. @throws if it is not there. */
export async function writtenAt(path: string): Promise<number> {
  return Math.floor((await fs.stat(path)).mtimeMs);
}

/** Undefined if it cannot be read. */
export function beginningOf(path: string, bytes: number): Promise<Uint8Array | undefined> {
  return opened(path, (file) => partOf(file, 0, bytes)).catch(() => undefined);
}

async function opened<T>(path: string, work: (file: fs.FileHandle) => Promise<T>): Promise<T> {
  const file = await fs.open(path, 'r');
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function partOf(file: fs.FileHandle, from: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}
