/** A deadline that moved by less is the same deadline: the server rounds. */
const SAME = 2_000;
/** An end this close to the deadline came from it. */
const MARGIN = 15_000;

export function isSameEnd(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME;
}

/** Whether what ended at that time ended because of its deadline. Server times, ms. */
export function isByDeadline(endsAt: number, endedAt: number): boolean {
  return endsAt - endedAt <= MARGIN;
}
