// `Math.max(...numbers)` throws from a hundred thousand numbers on: a call takes no more arguments.

/** -Infinity for none. */
export function largestOf(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), -Infinity);
}

/** Infinity for none. */
export function smallestOf(numbers: readonly number[]): number {
  return numbers.reduce((smallest, number) => Math.min(smallest, number), Infinity);
}
