// `Math.max(...numbers)` throws for about a hundred thousand numbers, since a call takes no more arguments.

/** -Infinity for an empty list. */
export function largestOf(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), -Infinity);
}

/** Infinity for an empty list. */
export function smallestOf(numbers: readonly number[]): number {
  return numbers.reduce((smallest, number) => Math.min(smallest, number), Infinity);
}
