import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

// How long work keeps everything else from its turn. Times of this thread on the processor, held against each other only:
// a slow machine stretches both, and a busy one neither.

/** Where Linux tells how long this thread has been on a processor, in ns; other threads clear away memory meanwhile. */
const OWN_TIME = '/proc/thread-self/schedstat';
const ownTime = fs.existsSync(OWN_TIME) ? fs.openSync(OWN_TIME, 'r') : undefined;
const line = Buffer.alloc(128);

/** Of the processor, ms; elsewhere that of all threads of the process. */
function spent(): number {
  if (ownTime !== undefined) {
    const length = fs.readSync(ownTime, line, 0, line.length, 0);
    return Number.parseInt(line.toString('latin1', 0, length), 10) / 1_000_000;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The longest that nothing else had its turn while the work was done, ms. What the work throws is told, too. */
export async function longestBlock(work: () => Promise<unknown>): Promise<{ ms: number; error: unknown }> {
  let [longest, since, isOver] = [0, spent(), false];
  const note = () => {
    const now = spent();
    longest = Math.max(longest, now - since);
    since = now;
  };
  const watch = async () => {
    while (!isOver) {
      await turn();
      note();
    }
  };
  const watching = watch();
  let error: unknown;
  await work().catch((failure: unknown) => (error = failure));
  note();
  isOver = true;
  await watching;
  return { ms: longest, error };
}
