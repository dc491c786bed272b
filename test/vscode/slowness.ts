// A time limit must hold on a slow machine and on a busy one.

export const SLOWNESS = 'TEST_SLOWNESS';

/** How many times slower this machine is than a quiet one, as measured by the runner; at least 1. */
const slowness = (): number => Math.max(1, Number(process.env[SLOWNESS]) || 1);

/** A limit for a quiet machine, converted for this one, ms. */
export const patient = (ms: number): number => ms * slowness();
