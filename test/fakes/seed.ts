import fc from 'fast-check';

// Set before any test by the runner (`test/run/seed.ts`). A test file that runs by itself has no seed.
const seed = Number(process.env['TEST_SEED'] ?? Number.NaN);
if (Number.isInteger(seed)) fc.configureGlobal({ seed });
