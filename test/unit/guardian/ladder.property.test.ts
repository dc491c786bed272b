import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MINUTE, announced } from './ladder';

test('no rung is ever announced twice for one end, however time jumps', () => {
  const times = fc.array(fc.integer({ min: 0, max: 25 * MINUTE }), { maxLength: 60 });
  fc.assert(
    fc.property(times, (jumps) => {
      const rungs = announced(20 * MINUTE, jumps);
      assert.equal(new Set(rungs).size, rungs.length);
    }),
  );
});
