import os from 'node:os';
import { run } from '../vscode/processes';
import { SLOWNESS } from '../vscode/slowness';

/** The kind of work that tests do. */
const WORK = `
  const words = Array.from({ length: 2000 }, (_, n) => ({ n, text: 'word ' + n }));
  for (let round = 0; round < 60; round++) JSON.parse(JSON.stringify(words));
`;
/** How long it takes on a quiet machine with two processors, start of the process included, ms. */
const QUIET_MS = 120;

/**
 * Measures how slow this machine is at the moment, and sets it in the environment of every process started from now on.
 */
export async function measureSlowness(): Promise<number> {
  const processors = Array.from({ length: os.availableParallelism() });
  const times = await Promise.all(processors.map(timeOfWork));
  const slowness = Math.max(1, Math.max(...times) / QUIET_MS);
  process.env[SLOWNESS] = slowness.toFixed(1);
  return slowness;
}

async function timeOfWork(): Promise<number> {
  const began = performance.now();
  await run(process.execPath, ['-e', WORK]);
  return performance.now() - began;
}
