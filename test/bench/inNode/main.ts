import fs from 'node:fs';
import { readFlood } from './flood';
import { readHeap } from './heap';
import { timeRefreshes } from './refresh';

/** Runs the named measurement and writes the figures to TEST_RESULTS, as JSON. */
async function main(name: string | undefined): Promise<void> {
  const file = process.env['TEST_RESULTS'];
  if (!file) throw new Error('TEST_RESULTS is needed.');
  const measure = { heap: readHeap, flood: readFlood }[name ?? ''] ?? timeRefreshes;
  const results = await measure();
  fs.writeFileSync(file, JSON.stringify(results));
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
