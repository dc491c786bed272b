import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { costOf } from '../../../src/spending/cost';
import { dollars } from '../../../src/platform/dollars';

const HOUR = 3_600_000;
const prices = fc.integer({ min: 0, max: 10_000_000 });
const spans = fc.integer({ min: 0, max: 24 * HOUR });

test('a cost is exact to the billionth, however long it runs', () => {
  fc.assert(
    fc.property(prices, spans, (price, ms) => {
      assert.equal(costOf(price, ms), (BigInt(price) * BigInt(ms)) / 1_000n);
    }),
  );
});

test('whole seconds add up without a loss, in any pieces', () => {
  fc.assert(
    fc.property(prices, fc.array(fc.integer({ min: 0, max: 86_400 })), (price, seconds) => {
      const pieces = seconds.reduce((sum, one) => sum + costOf(price, one * 1_000), 0n);
      const whole = costOf(price, seconds.reduce((sum, one) => sum + one, 0) * 1_000);
      assert.equal(pieces, whole);
    }),
  );
});

test('dollars are rounded up, and never by a whole cent', () => {
  const cent = 10_000_000n;
  fc.assert(
    fc.property(fc.bigInt({ min: cent, max: 10n ** 14n }), (billionths) => {
      const [, whole = '', cents = ''] = /^\$(\d+)\.(\d\d)$/.exec(dollars(billionths)) ?? [];
      const shown = (BigInt(whole) * 100n + BigInt(cents)) * cent;
      assert.ok(shown >= billionths && shown - billionths < cent, dollars(billionths));
    }),
  );
});
