import { setImmediate as turn } from 'node:timers/promises';

// How long work keeps everything else from its turn. Times of the processor, held against each other only: a slow
// machine stretches both, and a busy one neither.

/** Of the processor, ms. */
function spent(): number {
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
