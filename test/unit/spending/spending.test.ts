import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dayOf, monthOf, nextDay, nextMonth } from '../../../src/spending/calendar';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { partOf, totalOf, type Stretch } from '../../../src/spending/spending';
import { Till } from '../../../src/spending/till';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { MINUTE, PRICES, ready, session } from '../../fakes/facts';
import { closed, opened } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';

const HOUR = 60 * MINUTE;
/** Noon of the user, whatever the zone: summer and winter time, the days of both changes, the ends of a month. */
const days = fc
  .tuple(fc.constantFrom(2029, 2030), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 31 }))
  .map(([year, month, day]) => new Date(year, month, day, 12).getTime());

const spend = (events: readonly ReceiptEvent[], now: number, snapshot: Snapshot = ready()) =>
  new Till().spending({
    snapshot,
    receipts: fold(events),
    prices: PRICES,
    now,
    balance: undefined,
    pricesAsOf: undefined,
  });

const stretches: fc.Arbitrary<Stretch> = fc
  .tuple(fc.nat({ max: 90 * HOUR }), fc.nat({ max: 40 * HOUR }), fc.bigInt({ min: 0n, max: 10n ** 13n }))
  .map(([start, length, cost]) => {
    const from = Date.UTC(2030, 2, 30) + start;
    return { from, to: from + length, cost };
  });

test('a day begins at midnight of the user, and is as long as it is', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: -11, max: 11 }), (noon, hours) => {
      const start = dayOf(noon);
      assert.equal(dayOf(noon + hours * HOUR), start);
      assert.equal(dayOf(start), start);
      assert.notEqual(dayOf(start - 1), start);
      assert.equal(dayOf(nextDay(noon)), nextDay(noon));
      assert.equal(dayOf(nextDay(noon) - 1), start);
      const length = nextDay(noon) - start;
      assert.ok(length >= 22 * HOUR && length <= 26 * HOUR, `${length / HOUR} h`);
      assert.equal(new Date(monthOf(noon)).getDate(), 1);
      assert.equal(monthOf(nextMonth(noon) - 1), monthOf(noon));
    }),
  );
});

test('the parts of neighbouring times add up to the whole, to the billionth', () => {
  fc.assert(
    fc.property(stretches, fc.array(fc.nat({ max: 200 * HOUR })), (stretch, cuts) => {
      const first = stretch.from - HOUR;
      const moments = [first, ...cuts.map((cut) => first + cut), stretch.to + HOUR].sort((a, b) => a - b);
      const parts = moments.slice(1).map((end, index) => partOf(stretch, moments[index]!, end));
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0n),
        stretch.cost,
      );
      assert.ok(parts.every((part) => part >= 0n));
    }),
  );
});

test('the days of a month add up to the month', () => {
  fc.assert(
    fc.property(days, fc.array(stretches), (noon, all) => {
      const [start, end] = [monthOf(noon), nextMonth(noon)];
      let sum = 0n;
      for (let day = start; day < end; day = nextDay(day)) sum += totalOf(all, day, nextDay(day));
      assert.equal(sum, totalOf(all, start, end));
    }),
    { numRuns: 30 },
  );
});

test('a session across midnight counts in each day its part', () => {
  const midnight = dayOf(new Date(2030, 0, 2, 12).getTime());
  const [from, to] = [midnight - HOUR, midnight + 2 * HOUR];
  const events = [
    opened('one', { createdAt: from }),
    closed('one', { startedAt: from, endedAt: to, cost: '3000000000' }),
  ];
  assert.equal(spend(events, midnight - 1).today, 1_000_000_000n);
  assert.equal(spend(events, to).today, 2_000_000_000n);
  assert.equal(spend(events, to).month, 3_000_000_000n);
  assert.equal(spend(events, nextDay(to)).today, 0n);
  assert.equal(spend(events, nextMonth(to)).month, 0n);
});

test('a session across the end of a month counts in each month its part, and a till goes on over midnight', () => {
  const newMonth = new Date(2030, 1, 1).getTime();
  const [from, to] = [newMonth - HOUR, newMonth + 3 * HOUR];
  const receipts = fold([
    opened('one', { createdAt: from }),
    closed('one', { startedAt: from, endedAt: to, cost: '4000000000' }),
  ]);
  const till = new Till();
  const at = (now: number) =>
    till.spending({ snapshot: ready(), receipts, prices: PRICES, now, balance: undefined, pricesAsOf: undefined });
  assert.deepEqual([at(newMonth - 1).today, at(newMonth - 1).month], [1_000_000_000n, 1_000_000_000n]);
  assert.deepEqual([at(to).today, at(to).month], [3_000_000_000n, 3_000_000_000n]);
});

test('what runs counts up to now, and what it will cost is told apart', () => {
  const now = Date.UTC(2030, 0, 1, 12);
  const live = session('one', { left: 30 });
  const { today, sessions, of, aheadMonth } = spend([], now, ready({ sessions: [live] }));
  assert.equal(of(live.id), 202_200_000n); // ten minutes
  assert.deepEqual(sessions.get(live.id), { soFar: 202_200_000n, ahead: 606_600_000n });
  assert.ok(today <= 202_200_000n);
  assert.equal(aheadMonth, 606_600_000n);
});

test('sessions of others cost the user nothing', () => {
  const theirs = session('one', { by: 'user-other' });
  const { month, aheadMonth } = spend([], Date.UTC(2030, 0, 15, 12), ready({ sessions: [theirs] }));
  assert.deepEqual([month, aheadMonth], [0n, 0n]);
});

test('a session is counted once, whether it still shows or only its receipt is left', () => {
  const now = Date.UTC(2030, 0, 15, 12);
  const look = { ...session('one', { left: 30 }), createdAt: now - 10 * MINUTE, endsAt: now + 30 * MINUTE };
  const facts = { createdAt: look.createdAt, endsAt: look.endsAt };
  const shown = ready({ sessions: [look] });
  assert.equal(spend([opened('one', facts)], now, shown).month, 202_200_000n);
  assert.equal(spend([opened('one', facts)], now, ready()).month, 202_200_000n);
  const over = [opened('one', facts), closed('one', { startedAt: look.createdAt, endedAt: now, cost: '5' })];
  assert.equal(spend(over, now, shown).month, 5n);
});

test('what no longer shows costs nothing beyond its end', () => {
  const now = Date.UTC(2030, 0, 15, 12);
  const events = [opened('one', { createdAt: now - 3 * HOUR, endsAt: now - 2 * HOUR })];
  assert.equal(spend(events, now, { kind: 'loading' }).month, 1_213_200_000n);
});

test('without a price the sum says that something is left out', () => {
  const now = Date.UTC(2030, 0, 15, 12);
  const unpriced = session('one', { gpu: 'Z9000' });
  const live = spend([], now, ready({ sessions: [unpriced] }));
  assert.deepEqual([live.isPartial, live.of(sessionId('one'))], [true, 0n]);
  const { cost, ...rest } = closed('two', { startedAt: now - HOUR, endedAt: now });
  assert.equal(spend([opened('two'), rest], now).isPartial, true);
  assert.equal(spend([opened('two'), { ...rest, cost: cost ?? '' }], now).isPartial, false);
});

test('the total is never less than any of its parts, and never shrinks while time goes on', () => {
  fc.assert(
    fc.property(
      days,
      fc.array(fc.nat({ max: 20 * 60 }), { maxLength: 6 }),
      fc.nat({ max: 600 }),
      (now, ages, later) => {
        const sessions = ages.map((age, index) => ({
          ...session(`s${index}`, { phase: 'undated' }),
          createdAt: now - age * MINUTE,
        }));
        const snapshot = ready({ sessions });
        const early = spend([], now, snapshot);
        assert.ok(early.today <= early.month);
        for (const { id } of sessions) assert.ok(early.of(id) <= sumOf(early.sessions));
        const after = spend([], now + later * 1_000, snapshot);
        assert.ok(after.month >= early.month || monthOf(now + later * 1_000) !== monthOf(now));
      },
    ),
  );
});

const sumOf = (sessions: ReadonlyMap<unknown, { readonly soFar: bigint }>): bigint =>
  [...sessions.values()].reduce((sum, { soFar }) => sum + soFar, 0n);
