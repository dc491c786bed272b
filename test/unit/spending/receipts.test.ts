import assert from 'node:assert/strict';
import test from 'node:test';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { costOfReceipt, fold, startOf, type ReceiptEvent, type Receipts } from '../../../src/spending/receipts';
import { asked, closed, moved, NOON, opened } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MINE = 'cafe0001';
const ONE = sessionId('one');

const written = (events: readonly ReceiptEvent[], scope = MINE): string =>
  events.map((event) => `${lineOf(scope, [event])}\n`).join('');
const receiptsOf = (text: string, scope = MINE): Receipts => fold(parseReceipts(text, scope).events);
const receiptOf = (...events: readonly ReceiptEvent[]) => fold(events).get(ONE);

test('a receipt covers a session from when it was first seen to its end', () => {
  const receipt = receiptOf(opened('one'), moved('one'), asked('one', { by: 'idle' }), closed('one', { why: 'idle' }));
  assert.ok(receipt);
  assert.deepEqual([receipt.endsAt, receipt.moved.length, receipt.askedToEnd?.by], [NOON + 45 * MINUTE, 1, 'idle']);
  assert.equal(startOf(receipt), NOON);
  assert.equal(costOfReceipt(receipt), 606_600_000n);
});

test('a line with a time that no date can be is not read, and costs no other', () => {
  const times = [1e300, -1, 8.64e15 + 1];
  const wrong = times.map((createdAt) => lineOf(MINE, [opened('two', { createdAt })]));
  const { events, unreadable } = parseReceipts([...wrong, lineOf(MINE, [opened('one')])].join('\n'), MINE);
  assert.deepEqual([events, unreadable], [[opened('one')], 3]);
});

test('what the server bills stands above what was only seen, in whatever order they are written', () => {
  const [seen, billed] = [closed('one', { source: 'seen', cost: '1' }), closed('one', { cost: '2' })];
  for (const order of [
    [seen, billed],
    [billed, seen],
  ]) {
    const receipt = receiptOf(opened('one'), ...order);
    assert.equal(receipt?.closed?.cost, '2');
  }
});

test('an end that nobody saw is that of whoever asked for it, and of a start that is known to have failed', () => {
  const notStarted = {
    kind: 'notStarted',
    sessionId: ONE,
    at: NOON + MINUTE,
    reason: 'No module named torch',
  } as const;
  for (const why of ['elsewhere', 'lost'] as const) {
    const end = closed('one', { why });
    assert.equal(receiptOf(opened('one'), end)?.closed?.why, why);
    assert.equal(receiptOf(opened('one'), asked('one'), end)?.closed?.why, 'you');
    assert.equal(receiptOf(opened('one'), end, notStarted)?.closed?.why, 'failedToStart');
  }
  assert.equal(receiptOf(opened('one'), asked('one'), closed('one', { why: 'deadline' }))?.closed?.why, 'deadline');
});

test('an end that was moved once counts once, and for whoever knows why', () => {
  const seen = moved('one', { by: 'elsewhere', at: NOON + 5 * MINUTE });
  const byGuardian = moved('one', { by: 'guardian', why: 'rendering', at: NOON + 6 * MINUTE });
  const receipt = receiptOf(opened('one'), seen, byGuardian, moved('one', { by: 'you', at: NOON + 7 * MINUTE }));
  assert.deepEqual(
    receipt?.moved.map(({ by, minutes }) => [by, minutes]),
    [['guardian', 15]],
  );
  assert.deepEqual(receipt.kept, ['rendering']);
});

test('what only a later event contains is added to the first one', () => {
  const { price, endsAt, ...first } = opened('one');
  const receipt = receiptOf(first, opened('one', { at: NOON + MINUTE, gpu: 'T4' }));
  assert.deepEqual([receipt?.opened.price, receipt?.endsAt, receipt?.opened.gpu], [price, endsAt, 'A10G']);
});

test('a cost that is no number of billionths is not known', () => {
  for (const cost of ['-5', '1.5', 'NaN', '', '1e9']) {
    const receipt = receiptOf(opened('one'), closed('one', { cost }));
    assert.ok(receipt);
    assert.equal(costOfReceipt(receipt), undefined);
  }
});

test('the history keeps 400 days and 2,000 sessions, the newest', () => {
  const old = [opened('one', { createdAt: NOON - 400 * DAY }), opened('two', { createdAt: NOON - 399 * DAY })];
  assert.deepEqual([...receiptsOf(compact(written(old), NOON)).keys()], ['two']);

  const many = Array.from({ length: 2_010 }, (_, index) => opened(`s${index}`, { createdAt: NOON - index }));
  const kept = receiptsOf(compact(written(many), NOON));
  assert.equal(kept.size, 2_000);
  assert.ok(kept.has(sessionId('s0')) && !kept.has(sessionId('s2000')));
});

test('what nobody saw begin is no receipt, and is forgotten after two days', () => {
  const text = written([moved('one')]);
  assert.equal(receiptsOf(text).size, 0);
  assert.equal(compact(text, NOON + DAY), text);
  assert.equal(compact(text, NOON + 3 * DAY), '');
});
