const MS_PER_SECOND = 1_000n;

/**
 * Cost of a period of time in billionths of a dollar. Integers only, so that sums are exact.
 * @param price billionths of a dollar per second. @param ms negative counts as 0.
 */
export function costOf(price: number, ms: number): bigint {
  const [rate, time] = [Math.round(price), Math.max(0, Math.round(ms))];
  const product = rate * time;
  // Also exact, and several times faster than BigInt: nearly all products are this small.
  if (product >= 0 && Number.isSafeInteger(product)) return BigInt((product - (product % 1_000)) / 1_000);
  return (BigInt(rate) * BigInt(time)) / MS_PER_SECOND;
}
