import assert from 'node:assert/strict';
import test from 'node:test';
import { dayOf, nextDay, nextMonth } from '../../../src/spending/calendar';
import { fold } from '../../../src/spending/receipts';
import { SpendingCalculator } from '../../../src/spending/spendingCalculator';
import { MINUTE, PRICES, ready, session } from '../../fakes/appState';
import { closed, opened } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';
import { HOUR, spend } from './spending';

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

test('a session across the end of a month counts in each month its part, and the calculator goes on over midnight', () => {
  const newMonth = new Date(2030, 1, 1).getTime();
  const [from, to] = [newMonth - HOUR, newMonth + 3 * HOUR];
  const receipts = fold([
    opened('one', { createdAt: from }),
    closed('one', { startedAt: from, endedAt: to, cost: '4000000000' }),
  ]);
  const calculator = new SpendingCalculator();
  const at = (now: number) =>
    calculator.spending({
      snapshot: ready(),
      receipts,
      prices: PRICES,
      now,
      balance: undefined,
      pricesAsOf: undefined,
    });
  assert.deepEqual([at(newMonth - 1).today, at(newMonth - 1).month], [1_000_000_000n, 1_000_000_000n]);
  assert.deepEqual([at(to).today, at(to).month], [3_000_000_000n, 3_000_000_000n]);
});

test('a running session counts up to now, and its future cost is separate', () => {
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
  const input = { createdAt: look.createdAt, endsAt: look.endsAt };
  const shown = ready({ sessions: [look] });
  assert.equal(spend([opened('one', input)], now, shown).month, 202_200_000n);
  assert.equal(spend([opened('one', input)], now, ready()).month, 202_200_000n);
  const over = [opened('one', input), closed('one', { startedAt: look.createdAt, endedAt: now, cost: '5' })];
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
