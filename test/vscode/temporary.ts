import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Provides a folder during the work and removes it afterwards, also when the process gets a signal to exit meanwhile.
 */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'comfy-'));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  try {
    return await work(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
