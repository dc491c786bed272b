import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { backoff } from '../../../src/platform/backoff';

test('waits double, stay below the longest, and are spread out by chance', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((n) => backoff(n, 0.5)),
    [250, 500, 1_000, 2_000],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
      const wait = backoff(n, random);
      assert.ok(Number.isInteger(wait) && wait >= 0 && wait <= 60_000);
    }),
    { numRuns: 200 },
  );
});
