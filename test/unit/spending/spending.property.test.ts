import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dayOf, monthOf, nextDay, nextMonth } from '../../../src/spending/calendar';
import { partOf, totalOf, type Stretch } from '../../../src/spending/spending';
import { MINUTE, ready, session } from '../../fakes/appState';
import { HOUR, spend } from './spending';

/** Noon in the user's time zone: in summer and winter time, on the days of both changes, at the ends of months. */
const days = fc
  .tuple(fc.constantFrom(2029, 2030), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 31 }))
  .map(([year, month, day]) => new Date(year, month, day, 12).getTime());

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
