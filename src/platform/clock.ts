import type { Disposable } from './emitter';

/** The only access to time: no other code reads a clock or sets a timer. */
export interface Clock {
  /** This computer's wall clock, ms since 1970 UTC; may be wrong, and may jump. */
  now(): number;
  /** ms since an arbitrary moment; cannot be set, and may stand still while the computer sleeps. */
  monotonic(): number;
  after(ms: number, run: () => void): Disposable;
}

/** Longer timers would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER));
    return { dispose: () => clearTimeout(timer) };
  },
};

/** Resolves after `ms`. @throws the signal's reason when it fires first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal));
    const alarm = clock.after(ms, () => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    });
    const giveUp = () => {
      alarm.dispose();
      reject(signal ? abortReason(signal) : new Error('aborted'));
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

/** Whether the work was done within `ms`; it is not stopped if not. @throws what the work throws within that time. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const patience = new AbortController();
  const lost = () => false;
  try {
    return await Promise.race([work.then(() => true), sleep(clock, ms, patience.signal).then(lost, lost)]);
  } finally {
    patience.abort();
  }
}

/** The error of a signal that has fired. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError');
}
