import assert from 'node:assert/strict';
import test from 'node:test';
import { dayOf, weekOf } from '../../../src/spending/calendar';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { liveStretches } from '../../../src/spending/spending';
import { figuresOf, savedByLeases, sharesOfReceipt, usesOf } from '../../../src/spending/spendingFigures';
import { MINUTE, PRICES, ready, session } from '../../fakes/appState';
import { asked, closed, NOON, opened } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';
import { HOUR } from './spending';

const NOTHING = { starting: 0n, rendering: 0n, active: 0n, idle: 0n, leaked: 0n, other: 0n };
const figures = (events: readonly ReceiptEvent[], now = NOON + HOUR) => figuresOf(fold(events), [], now);
const sharesOf = (...events: readonly ReceiptEvent[]) => {
  const receipt = fold(events).get(sessionId('one'));
  assert.ok(receipt);
  return sharesOfReceipt(receipt);
};
const runsOn = { kind: 'runsOn', sessionId: sessionId('one'), at: NOON + 20 * MINUTE } as const;
const seenClosed = closed('one', { at: NOON + 10 * MINUTE, endedAt: NOON + 10 * MINUTE, source: 'seen' });

test('a session across midnight is on both days, to the billionth', () => {
  const midnight = new Date(2030, 4, 8).getTime();
  const from = midnight - 20 * MINUTE;
  const events = [
    opened('one', { createdAt: from }),
    closed('one', { startedAt: from, endedAt: from + 30 * MINUTE, cost: '606600001' }),
  ];
  const days = figures(events, midnight + HOUR).days.slice(-2);
  assert.deepEqual(
    days.map(({ start, total }) => [start, total]),
    [
      [dayOf(from), 404_400_000n],
      [midnight, 202_200_001n],
    ],
  );
});

test('a week begins on Monday', () => {
  for (let day = 6; day <= 12; day++)
    assert.equal(weekOf(new Date(2030, 4, day, 12).getTime()), new Date(2030, 4, 6).getTime());
  assert.equal(weekOf(new Date(2030, 4, 5, 12).getTime()), new Date(2030, 3, 29).getTime());
});

test('the dearest GPU is first, and what runs counts', () => {
  const snapshot = ready({ sessions: [session('live', { gpu: 'L4' })] });
  const receipts = fold([
    opened('one', { createdAt: NOON - HOUR }),
    closed('one', { startedAt: NOON - HOUR, endedAt: NOON }),
  ]);
  const live = liveStretches(snapshot, receipts, new Map([...PRICES, ['L4', 2_000_000]]), NOON);
  const { gpus, total, week, days } = figuresOf(receipts, live, NOON);
  assert.deepEqual(gpus, [
    ['L4', 1_200_000_000n],
    ['A10G', 606_600_000n],
  ]);
  assert.deepEqual([total, week, days.at(-1)?.total], [1_806_600_000n, 1_806_600_000n, 1_806_600_000n]);
});

test('a start that failed or was canceled was nothing but a start', () => {
  assert.deepEqual(sharesOf(opened('one'), closed('one', { why: 'failedToStart' })), {
    ...NOTHING,
    starting: 606_600_000n,
  });
  const unready = asked('one', { isUnready: true });
  assert.equal(sharesOf(opened('one'), unready, closed('one', { why: 'you' })).starting, 606_600_000n);
  const live = liveStretches(ready({ sessions: [session('live', { phase: 'starting' })] }), new Map(), PRICES, NOON);
  assert.deepEqual(figuresOf(new Map(), live, NOON).shares, { ...NOTHING, starting: 202_200_000n });
});

test('the minutes for which it was idle before its automatic end are known, and no others', () => {
  const idle = asked('one', { by: 'idle', idleMinutes: 10, at: NOON + 30 * MINUTE });
  assert.deepEqual(sharesOf(opened('one'), idle, closed('one', { why: 'idle' })), {
    ...NOTHING,
    idle: 202_200_000n,
    other: 404_400_000n,
  });
  const unknown = asked('one', { by: 'idle', at: NOON + 30 * MINUTE });
  assert.equal(sharesOf(opened('one'), unknown, closed('one', { why: 'idle' })).idle, 0n);
  const longer = asked('one', { by: 'idle', idleMinutes: 90, at: NOON + 30 * MINUTE });
  assert.equal(sharesOf(opened('one'), longer, closed('one', { why: 'idle' })).idle, 606_600_000n);
});

test('a session is divided by what it was seen doing, and the rest is not recorded', () => {
  const used = { rendering: 15 * MINUTE, active: 3 * MINUTE, idle: 6 * MINUTE };
  const parts = { rendering: 303_300_000n, active: 60_660_000n, idle: 121_320_000n, other: 121_320_000n };
  assert.deepEqual(sharesOf(opened('one'), closed('one', { used })), { ...NOTHING, ...parts });
  const idle = asked('one', { by: 'idle', idleMinutes: 10, at: NOON + 30 * MINUTE });
  assert.deepEqual(sharesOf(opened('one'), idle, closed('one', { why: 'idle', used })), { ...NOTHING, ...parts });
  const longer = { rendering: HOUR, active: 0, idle: HOUR };
  assert.deepEqual(sharesOf(opened('one'), closed('one', { used: longer })), {
    ...NOTHING,
    rendering: 303_300_000n,
    idle: 303_300_000n,
  });
  const leak = [
    opened('one'),
    { ...seenClosed, used: { ...used, rendering: 5 * MINUTE, idle: 0 } },
    runsOn,
    closed('one'),
  ];
  assert.deepEqual(sharesOf(...leak), {
    ...NOTHING,
    rendering: 101_100_000n,
    active: 60_660_000n,
    other: 40_440_000n,
    leaked: 404_400_000n,
  });
  const live = liveStretches(ready({ sessions: [session('live')] }), new Map(), PRICES, NOON);
  const half = { rendering: 5 * MINUTE, active: 0, idle: 0 };
  const { shares } = figuresOf(new Map(), live, NOON, () => half);
  assert.deepEqual([shares.rendering, shares.other], [101_100_000n, 101_100_000n]);
});

test('of what several windows saw, the most counts, also once the bill came and the history was compacted', () => {
  const events = [
    opened('one'),
    closed('one', { source: 'seen', used: { rendering: MINUTE, active: 0, idle: 0 } }),
    closed('one', { source: 'seen', at: NOON + HOUR, used: { rendering: 2 * MINUTE, active: 0, idle: MINUTE } }),
    closed('one', { at: NOON + 2 * HOUR }),
  ];
  const text = compact(events.map((event) => lineOf('me', [event])).join('\n'), NOON);
  const read = parseReceipts(text, 'me').events;
  for (const all of [events, read]) assert.equal(fold(all).get(sessionId('one'))?.closed?.used?.rendering, 2 * MINUTE);
});

test('what ran on after it was closed has leaked, also once its history was compacted', () => {
  const events = [opened('one'), seenClosed, runsOn, closed('one')];
  const expected = { ...NOTHING, other: 202_200_000n, leaked: 404_400_000n };
  assert.deepEqual(sharesOf(...events), expected);
  const text = compact(events.map((event) => lineOf('me', [event])).join('\n'), NOON);
  assert.equal(text.split('\n').length, 2);
  assert.deepEqual(sharesOf(...parseReceipts(text, 'me').events), expected);
  const [receipt] = fold([opened('one'), seenClosed, runsOn]).values();
  assert.ok(receipt);
  assert.deepEqual(usesOf(receipt).at(-1), ['leaked', Infinity]);
});

test('what a lease saved is the time until the longest lease would have ended, by list price', () => {
  const renewed = { kind: 'moved', sessionId: opened('one').sessionId, at: NOON, by: 'guardian', minutes: 15 } as const;
  const events = [opened('one'), { ...renewed, endsAt: closed('one').endedAt, why: 'lease' as const }, closed('one')];
  const { cost, ms, sessions } = savedByLeases(fold(events), NOON + HOUR, 4 * HOUR);
  assert.equal(sessions, 1);
  assert.equal(ms, opened('one').createdAt + 4 * HOUR - closed('one').endedAt);
  assert.equal(cost, BigInt(ms / 1_000) * BigInt(opened('one').price ?? 0));
  const asked = [opened('one'), { ...renewed, endsAt: NOON, by: 'you' as const }, closed('one')];
  assert.equal(savedByLeases(fold(asked), NOON + HOUR, 4 * HOUR).sessions, 0, 'it was never on a lease');
  assert.equal(savedByLeases(fold(events), NOON + 40 * 24 * HOUR, 4 * HOUR).sessions, 0, 'that is long ago');
});

test('what ended automatically before its end saved the time until then, by list price', () => {
  const early = closed('one', { why: 'finished', endedAt: NOON + 20 * MINUTE });
  assert.deepEqual(figures([opened('one'), early]).saved, { sessions: 1, ms: 10 * MINUTE, cost: 202_200_000n });
  const none = { sessions: 0, ms: 0, cost: 0n };
  for (const why of ['you', 'deadline', 'elsewhere'] as const)
    assert.deepEqual(figures([opened('one'), { ...early, why }]).saved, none);
  const { price, ...unpriced } = opened('one');
  assert.ok(price);
  assert.deepEqual(figures([unpriced, early]).saved, none);
  assert.deepEqual(figures([opened('one'), closed('one', { why: 'idle' })]).saved, none, 'it ended at its end');
});
