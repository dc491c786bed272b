import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { newIn } from '../../../src/platform/lists';

test('what is new in a list is what was not in the one before', () => {
  const list = fc.uniqueArray(fc.nat(12), { maxLength: 10 });
  fc.assert(
    fc.property(list, list, (now, before) => {
      const expected = now.filter((one) => !before.includes(one));
      assert.deepEqual(newIn(now, before), expected);
      assert.deepEqual(
        newIn([...now, ...before.filter((one) => !now.includes(one))], now),
        before.filter((one) => !now.includes(one)),
      );
    }),
  );
});
