import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import timers from 'node:timers/promises';
import { turn } from '../../fakes/until';

export function setupFolder(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'journal-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const folder = path.join(root, 'storage', 'of us');
  return { folder, file: path.join(folder, 'intents.jsonl'), lock: path.join(folder, 'intents.jsonl.lock') };
}

/** Removes the pauses between retries, and counts them. */
export function hurry(t: TestContext): { readonly pauses: number } {
  const count = { pauses: 0 };
  t.mock.method(timers, 'setTimeout', async () => {
    count.pauses++;
    await turn();
  });
  return count;
}
