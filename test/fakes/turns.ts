import { setImmediate as turn } from 'node:timers/promises';
import { cpuTime } from './cpuTime';

// How long work keeps everything else from its turn.

/** The longest time in which nothing else could run while the work was done, ms, and the error of the work, if any. */
export async function longestBlock(work: () => Promise<unknown>): Promise<{ ms: number; error: unknown }> {
  let [longest, since, isOver] = [0, cpuTime(), false];
  const note = () => {
    const now = cpuTime();
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
