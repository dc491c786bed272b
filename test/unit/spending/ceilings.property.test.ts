import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ceilingFrom, due, NO_CEILINGS, wouldExceed, type Ceilings } from '../../../src/spending/ceilings';
import type { Spending } from '../../../src/spending/spending';
import { NOTHING_SPENT } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';

const DOLLAR = 1_000_000_000n;
const ONE = sessionId('one');
const amounts = fc.bigInt({ min: 0n, max: 1_000n * DOLLAR });

const spent = (more: Partial<Spending>): Spending => ({ ...NOTHING_SPENT, ...more });
const ceilings = (more: Partial<Ceilings>): Ceilings => ({ ...NO_CEILINGS, ...more });

test('a ceiling is what was typed, to the billionth', () => {
  assert.equal(ceilingFrom(10), 10n * DOLLAR);
  assert.equal(ceilingFrom(0.1), DOLLAR / 10n);
  assert.equal(ceilingFrom(12.345678901), 12_345_678_901n);
  assert.equal(ceilingFrom(1e-9), 1n);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999_999 }), (cents) => {
      assert.equal(ceilingFrom(Number(`${cents}e-2`)), (BigInt(cents) * DOLLAR) / 100n);
    }),
  );
});

test('without ceilings nothing is too much', () => {
  fc.assert(
    fc.property(amounts, amounts, (today, extra) => {
      assert.equal(wouldExceed(spent({ today, month: today }), NO_CEILINGS, extra, ONE), undefined);
    }),
  );
});

test('whatever breaks a ceiling is named, and nothing else', () => {
  fc.assert(
    fc.property(amounts, amounts, amounts, fc.bigInt({ min: 1n, max: DOLLAR }), (today, more, limit, extra) => {
      const spending = spent({ today, month: today + more });
      const excess = wouldExceed(spending, ceilings({ day: limit + 1n, month: limit + 1n }), extra);
      assert.equal(excess !== undefined, today + more + extra > limit + 1n);
      if (excess) assert.ok(excess.figure > excess.limit);
    }),
  );
});

test('nothing is ever told twice while money is only spent', () => {
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1 }), amounts, (steps, limit) => {
      const day = ceilings({ day: limit + 1n });
      const rising = [...steps].sort((a, b) => (a < b ? -1 : 1));
      let said: ReadonlyMap<string, number> = new Map();
      const told = rising.flatMap((today) => {
        const step = due(said, spent({ today }), day);
        ({ said } = step);
        return step.warnings.map(({ percent }) => percent);
      });
      assert.deepEqual(
        told,
        [...new Set(told)].sort((a, b) => a - b),
      );
      const reached = ((rising.at(-1) ?? 0n) * 100n) / (limit + 1n);
      assert.equal(told.at(-1) ?? 0, reached >= 100n ? 100 : reached >= 80n ? 80 : reached >= 50n ? 50 : 0);
    }),
  );
});
