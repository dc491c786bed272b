import os from 'node:os';

/** Works on as many items at once as there are processors; the answers keep the items' order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const waiting = [...items.entries()];
  const done = new Map<number, R>();
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) done.set(next[0], await work(next[1]));
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  return [...done.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}
