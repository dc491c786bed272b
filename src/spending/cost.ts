const MS_PER_SECOND = 1_000n;

/**
 * Cost of a stretch of time, in billionths of a dollar: whole numbers throughout, so sums never drift.
 * @param price billionths of a dollar per second. @param ms negative counts as none.
 */
export function costOf(price: number, ms: number): bigint {
  const [rate, time] = [Math.round(price), Math.max(0, Math.round(ms))];
  const product = rate * time;
  // Exact all the same, and several times as fast: nearly all products are that small.
  if (product >= 0 && Number.isSafeInteger(product)) return BigInt((product - (product % 1_000)) / 1_000);
  return (BigInt(rate) * BigInt(time)) / MS_PER_SECOND;
}
