import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  spendingLimitFrom,
  due,
  NO_SPENDING_LIMITS,
  wouldExceed,
  type SpendingLimits,
} from '../../../src/spending/spendingLimits';
import type { Spending } from '../../../src/spending/spending';
import { NOTHING_SPENT } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';

const DOLLAR = 1_000_000_000n;
const ONE = sessionId('one');
const amounts = fc.bigInt({ min: 0n, max: 1_000n * DOLLAR });

const spent = (more: Partial<Spending>): Spending => ({ ...NOTHING_SPENT, ...more });
const limits = (more: Partial<SpendingLimits>): SpendingLimits => ({ ...NO_SPENDING_LIMITS, ...more });

test('a spending limit is what was typed, to the billionth', () => {
  assert.equal(spendingLimitFrom(10), 10n * DOLLAR);
  assert.equal(spendingLimitFrom(0.1), DOLLAR / 10n);
  assert.equal(spendingLimitFrom(12.345678901), 12_345_678_901n);
  assert.equal(spendingLimitFrom(1e-9), 1n);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999_999 }), (cents) => {
      assert.equal(spendingLimitFrom(Number(`${cents}e-2`)), (BigInt(cents) * DOLLAR) / 100n);
    }),
  );
});

test('without spending limits nothing is too much', () => {
  fc.assert(
    fc.property(amounts, amounts, (today, extra) => {
      assert.equal(wouldExceed(spent({ today, month: today }), NO_SPENDING_LIMITS, extra, ONE), undefined);
    }),
  );
});

test('every spending limit that would be exceeded is named, and no other', () => {
  fc.assert(
    fc.property(amounts, amounts, amounts, fc.bigInt({ min: 1n, max: DOLLAR }), (today, more, limit, extra) => {
      const spending = spent({ today, month: today + more });
      const excess = wouldExceed(spending, limits({ day: limit + 1n, month: limit + 1n }), extra);
      assert.equal(excess !== undefined, today + more + extra > limit + 1n);
      if (excess) assert.ok(excess.figure > excess.limit);
    }),
  );
});

test('nothing is announced twice while money is only spent', () => {
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1 }), amounts, (steps, limit) => {
      const day = limits({ day: limit + 1n });
      const rising = [...steps].sort((a, b) => (a < b ? -1 : 1));
      let said: ReadonlyMap<string, number> = new Map();
      const warned = rising.flatMap((today) => {
        const step = due(said, spent({ today }), day);
        ({ said } = step);
        return step.warnings.map(({ percent }) => percent);
      });
      assert.deepEqual(
        warned,
        [...new Set(warned)].sort((a, b) => a - b),
      );
      const reached = ((rising.at(-1) ?? 0n) * 100n) / (limit + 1n);
      assert.equal(warned.at(-1) ?? 0, reached >= 100n ? 100 : reached >= 80n ? 80 : reached >= 50n ? 50 : 0);
    }),
  );
});
