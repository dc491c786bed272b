import fc from 'fast-check';

// Read before any test: what the runner has chosen (`test/run/seed.ts`); a test file that is run by itself has no seed.
const seed = Number(process.env['TEST_SEED'] ?? Number.NaN);
if (Number.isInteger(seed)) fc.configureGlobal({ seed });
