import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dayOf, daysAfter, nextDay } from '../../../src/spending/calendar';
import { costOfReceipt, fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { closedStretches, totalOf } from '../../../src/spending/spending';
import { DAYS, figuresOf, sharesOfReceipt } from '../../../src/spending/spendingFigures';
import { MINUTE } from '../../fakes/appState';
import { asked, closed, opened, someEvents } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';
import { HOUR } from './spending';

/** Local noons: in summer and winter time, on the days of both changes, at the ends of months. */
const noons = fc
  .tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 31 }))
  .map(([month, day]) => new Date(2030, month, day, 12).getTime());

const spans = fc.double({ min: 0, max: 40 * HOUR, noNaN: true });

/** Sessions of the last weeks, with and without what is recorded about them. */
const history = (now: number): fc.Arbitrary<ReceiptEvent[]> =>
  fc
    .array(
      fc.record({
        ago: fc.nat({ max: 40 * 24 * 60 }),
        minutes: fc.nat({ max: 24 * 60 }),
        idle: fc.option(fc.nat({ max: 24 * 60 }), { nil: undefined }),
        leak: fc.option(fc.nat({ max: 24 * 60 }), { nil: undefined }),
        why: fc.constantFrom('you', 'idle', 'failedToStart', 'deadline'),
        gpu: fc.constantFrom('A10G', 'L4', '__proto__'),
        cost: fc.bigInt({ min: 0n, max: 10n ** 13n }),
        used: fc.option(fc.record({ rendering: spans, active: spans, idle: spans }), { nil: undefined }),
      }),
      { maxLength: 12 },
    )
    .map((all) =>
      all.flatMap(({ ago, minutes, idle, leak, why, gpu, cost, used }, index): ReceiptEvent[] => {
        const id = `s${index}`;
        const from = now - ago * MINUTE;
        const to = from + minutes * MINUTE;
        const leaked: ReceiptEvent[] =
          leak === undefined
            ? []
            : [
                closed(id, { at: to, endedAt: from + leak * MINUTE, source: 'seen' }),
                { kind: 'runsOn', sessionId: sessionId(id), at: to + 1 },
              ];
        return [
          opened(id, { createdAt: from, gpu, endsAt: to + HOUR }),
          ...(idle === undefined ? [] : [asked(id, { by: 'idle', at: to, idleMinutes: idle })]),
          ...leaked,
          closed(id, { at: to + 2, startedAt: from, endedAt: to, why, cost: `${cost}`, ...(used ? { used } : {}) }),
        ];
      }),
    );

const sum = (costs: Iterable<bigint>) => [...costs].reduce((all, cost) => all + cost, 0n);

test('days, GPUs and uses each add up to what the receipts of these days cost', () => {
  fc.assert(
    fc.property(
      noons.chain((now) => fc.tuple(fc.constant(now), history(now))),
      ([now, events]) => {
        const receipts = fold(events);
        const { days, gpus, total, shares, week, weekStart, saved } = figuresOf(receipts, [], now);
        const [first, end] = [daysAfter(now, 1 - DAYS), nextDay(now)];
        assert.equal(total, totalOf(closedStretches(receipts), first, end));
        assert.equal(week, totalOf(closedStretches(receipts), weekStart, end));
        assert.equal(sum(days.map((day) => day.total)), total);
        assert.equal(sum(gpus.map(([, cost]) => cost)), total);
        assert.equal(sum(Object.values(shares)), total);
        for (const cost of [...days.map((day) => day.total), ...Object.values(shares), saved.cost])
          assert.ok(cost >= 0n);
        assert.ok(Number.isFinite(saved.ms) && saved.ms >= 0);
      },
    ),
  );
});

test('the parts of a session add up to its cost, whatever was recorded', () => {
  fc.assert(
    fc.property(someEvents, (events) => {
      for (const receipt of fold(events).values()) {
        const shares = Object.values(sharesOfReceipt(receipt));
        assert.equal(sum(shares), costOfReceipt(receipt) ?? 0n);
        assert.ok(shares.every((share) => share >= 0n));
      }
    }),
  );
});

test('there are thirty days, each once, up to today, whatever the clocks do', () => {
  fc.assert(
    fc.property(noons, fc.integer({ min: -11, max: 11 }), (noon, hours) => {
      const { days, weekStart } = figuresOf(new Map(), [], noon + hours * HOUR);
      assert.equal(days.length, DAYS);
      assert.equal(days.at(-1)?.start, dayOf(noon));
      for (const [index, { start }] of days.slice(1).entries()) assert.equal(nextDay(days[index]?.start ?? 0), start);
      assert.equal(new Date(weekStart).getDay(), 1);
      assert.ok(weekStart <= noon && daysAfter(weekStart, 7) > noon);
    }),
  );
});
