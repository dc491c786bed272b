import { isOlder } from '../platform/age';
import { isSameEnd } from '../sessions/deadline';
import { SECOND } from '../platform/units';

// Bookkeeping for attempts to move an end, and for announcements made once for each end. Server times, ms.

/** The last attempt to move an end. */
interface Try {
  /** The end that it moved. */
  readonly endsAt: number;
  readonly at: number;
  /** Failures in a row there. */
  readonly failures: number;
}

/** How long an attempt may be under way, or blocks the next one after a failure, ms. */
const RETRY = 30 * SECOND;

export function isPending(last: Try | undefined, endsAt: number, now: number): boolean {
  return last !== undefined && isSameEnd(last.endsAt, endsAt) && !isOlder(last.at, RETRY - 1, now);
}

/** When the next attempt may be made, if there was one. */
export function retryAt(last: Try | undefined): readonly number[] {
  return last === undefined ? [] : [last.at + RETRY];
}

/** How often moving this end has failed. */
export function failuresAt(last: Try | undefined, endsAt: number): number {
  return last && isSameEnd(last.endsAt, endsAt) ? last.failures : 0;
}

export function failedOnceMore<T extends Try>(last: T): T {
  return { ...last, failures: last.failures + 1 };
}

/** Whether a note (announced, or refused by the server) is about this end. */
export function isThisEnd(kept: number | undefined, endsAt: number): boolean {
  return kept !== undefined && isSameEnd(kept, endsAt);
}
