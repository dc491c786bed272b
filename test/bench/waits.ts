/** How long the work takes, and how long at most everything else has to wait meanwhile, ms. */
export async function withLongestWait(
  work: () => Promise<unknown>,
): Promise<{ readonly ms: number; readonly longest: number }> {
  const from = performance.now();
  let [last, longest, isOver] = [from, 0, false];
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isOver = true;
  look();
  return { ms: last - from, longest };
}
