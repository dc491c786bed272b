import * as fs from 'node:fs/promises';

interface Readable {
  readonly size: number;
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
}

/** VS Code reads files as a whole only. The file is open while the work is done. @throws for what cannot be read. */
export async function readingFile<T>(path: string, work: (file: Readable) => Promise<T>): Promise<T> {
  const file = await fs.open(path, 'r');
  try {
    const { size } = await file.stat();
    return await work({
      size,
      read: async (from, length) => {
        const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await file.close();
  }
}
