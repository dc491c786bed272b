import { isOlder } from '../platform/age';
import { isSameEnd } from '../sessions/deadline';
import { SECOND } from '../platform/units';

// What the guardian does to an end it may have to do again, and what it says of an end it says once. Times are the
// server's, ms.

/** The last try to move an end. */
interface Try {
  /** The end that it began from. */
  readonly endsAt: number;
  readonly at: number;
  /** How often in a row it has failed there. */
  readonly failures: number;
}

/** Until then a try may still be on its way, or has failed too recently to be made again. */
const RETRY = 30 * SECOND;

export function isPending(last: Try | undefined, endsAt: number, now: number): boolean {
  return last !== undefined && isSameEnd(last.endsAt, endsAt) && !isOlder(last.at, RETRY - 1, now);
}

/** When the next try may be made, if there was one. */
export function retryAt(last: Try | undefined): readonly number[] {
  return last === undefined ? [] : [last.at + RETRY];
}

/** How often it has failed to move this end. */
export function failuresAt(last: Try | undefined, endsAt: number): number {
  return last && isSameEnd(last.endsAt, endsAt) ? last.failures : 0;
}

export function failedOnceMore<T extends Try>(last: T): T {
  return { ...last, failures: last.failures + 1 };
}

/** Whether it is this end about which something was kept: that it was announced, or that the server does not move it. */
export function isThisEnd(kept: number | undefined, endsAt: number): boolean {
  return kept !== undefined && isSameEnd(kept, endsAt);
}
