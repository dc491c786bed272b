/**
 * Computes something from an immutable list or map once for each. Long ones are read after every answer, and nearly
 * always are the same object.
 */
export function perList<L extends object, T>(reckon: (list: L) => T): (list: L) => T {
  const known = new WeakMap<L, { readonly value: T }>();
  return (list) => {
    const before = known.get(list);
    if (before) return before.value;
    const value = reckon(list);
    known.set(list, { value });
    return value;
  };
}

/** The members of a list that the earlier one did not have. Only the changed part of the list is compared. */
export function newIn<T>(now: readonly T[], before: readonly T[]): readonly T[] {
  if (now === before) return [];
  const shorter = Math.min(now.length, before.length);
  let head = 0;
  while (head < shorter && now[head] === before[head]) head++;
  let tail = 0;
  while (tail < shorter - head && now[now.length - tail - 1] === before[before.length - tail - 1]) tail++;
  const middle = now.slice(head, now.length - tail);
  if (middle.length === 0 || before.length === head + tail) return middle;
  const known = new Set(before.slice(head, before.length - tail));
  return middle.filter((one) => !known.has(one));
}
