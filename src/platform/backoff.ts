import { MINUTE } from './units';

const FIRST = 500;
const LONGEST = MINUTE;

/**
 * How long to wait after the n-th failure in a row, ms: exponential, with full jitter so that many windows spread out.
 * @param failures at least 1. @param random in [0, 1).
 */
export function backoff(failures: number, random: number, first = FIRST, longest = LONGEST): number {
  return Math.round(Math.min(longest, first * 2 ** (failures - 1)) * random);
}
