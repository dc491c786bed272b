import * as fs from 'node:fs/promises';

/** VS Code reads files as a whole only. Undefined for what cannot be read. */
export async function beginningOf(path: string, bytes: number): Promise<Uint8Array | undefined> {
  try {
    const file = await fs.open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
