import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Lends a folder for the time of the work; it is gone afterwards, also when the process is told to exit meanwhile. */
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
