import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { timeNeeded, type SaveProgress } from '../../../src/outputs/transferProgress';

const progress = (done: number, total: number, speed: number | undefined): SaveProgress => ({
  files: { done: 1, failed: 0, total: 3 },
  bytes: { done, total },
  speed,
});

test('the time that is needed follows from what is left and how fast it comes', () => {
  fc.assert(
    fc.property(fc.nat(1e12), fc.nat(1e12), fc.integer({ min: 1, max: 1e9 }), (done, total, speed) => {
      const needed = timeNeeded(progress(done, total, speed)) ?? -1;
      assert.ok(needed >= 0 && Math.abs((needed / 1_000) * speed - Math.max(0, total - done)) <= 1);
    }),
  );
  assert.equal(timeNeeded(progress(0, 1, 0)), undefined);
});
