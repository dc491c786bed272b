const MS_PER_SECOND = 1_000n;

/**
 * Cost of a stretch of time, in billionths of a dollar: whole numbers throughout, so sums never drift.
 * @param price billionths of a dollar per second. @param ms negative counts as none.
 */
export function costOf(price: number, ms: number): bigint {
  return (BigInt(Math.round(price)) * BigInt(Math.max(0, Math.round(ms)))) / MS_PER_SECOND;
}
