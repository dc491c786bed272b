import type { FileHandle } from 'node:fs/promises';

/** @throws if the disk does not take all of it: a write that was cut short is no failure to the system. */
export async function writeWhole(file: FileHandle, text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const { bytesWritten } = await file.write(rest);
    if (bytesWritten === 0) throw new Error('the disk takes no more');
    rest = rest.subarray(bytesWritten);
  }
}

export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
