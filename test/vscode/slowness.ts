// A limit on waiting has to hold on a slow machine, and on one that is busy with something else.

export const SLOWNESS = 'TEST_SLOWNESS';

/** How many times longer things take than on a quiet machine, as the runner has measured; never less than once. */
const slowness = (): number => Math.max(1, Number(process.env[SLOWNESS]) || 1);

/** So long a wait on this machine as this one on a quiet machine, ms. */
export const patient = (ms: number): number => ms * slowness();
