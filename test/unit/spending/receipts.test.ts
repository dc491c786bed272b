import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { costOfReceipt, fold, startOf, type ReceiptEvent, type Receipts } from '../../../src/spending/receipts';
import { asked, closed, moved, NOON, opened, someEvents } from '../../fakes/receipts';
import { sessionId } from '../../fakes/setup';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MINE = 'cafe0001';
const ONE = sessionId('one');

const written = (events: readonly ReceiptEvent[], scope = MINE): string =>
  events.map((event) => `${lineOf(scope, [event])}\n`).join('');
const receiptsOf = (text: string, scope = MINE): Receipts => fold(parseReceipts(text, scope).events);
const receiptOf = (...events: readonly ReceiptEvent[]) => fold(events).get(ONE);

test('a receipt tells of a session from its first sight to its end', () => {
  const receipt = receiptOf(opened('one'), moved('one'), asked('one', { by: 'idle' }), closed('one', { why: 'idle' }));
  assert.ok(receipt);
  assert.deepEqual([receipt.endsAt, receipt.moved.length, receipt.askedToEnd?.by], [NOON + 45 * MINUTE, 1, 'idle']);
  assert.equal(startOf(receipt), NOON);
  assert.equal(costOfReceipt(receipt), 606_600_000n);
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

test('an end that was moved once counts once, and for whoever knows why', () => {
  const seen = moved('one', { by: 'elsewhere', at: NOON + 5 * MINUTE });
  const told = moved('one', { by: 'guardian', why: 'rendering', at: NOON + 6 * MINUTE });
  const receipt = receiptOf(opened('one'), seen, told, moved('one', { by: 'you', at: NOON + 7 * MINUTE }));
  assert.deepEqual(
    receipt?.moved.map(({ by, minutes }) => [by, minutes]),
    [['guardian', 15]],
  );
  assert.deepEqual(receipt.kept, ['rendering']);
});

test('what only a later look could tell is added to what the first one told', () => {
  const { price, endsAt, ...first } = opened('one');
  const receipt = receiptOf(first, opened('one', { at: NOON + MINUTE, gpu: 'T4' }));
  assert.deepEqual([receipt?.opened.price, receipt?.endsAt, receipt?.opened.gpu], [price, endsAt, 'A10G']);
});

test('neither order nor repetition changes what the lines say', () => {
  fc.assert(
    fc.property(someEvents, fc.infiniteStream(fc.nat()), (events, numbers) => {
      const shuffled = [...events, ...events.slice(0, events.length / 2)]
        .map((event) => ({ event, place: numbers.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      assert.deepEqual(sorted(fold(shuffled)), sorted(fold(events)));
    }),
  );
});

test('wherever a crash tears the file, only the line it tears is lost', () => {
  fc.assert(
    fc.property(someEvents, fc.nat(), (events, cut) => {
      const bytes = Buffer.from(written(events));
      const end = cut % (bytes.length + 1);
      const torn = bytes.subarray(0, end);
      const whole = torn.filter((byte) => byte === 10).length;
      const isWhole = end < bytes.length && bytes[end] === 10;
      const { events: read, unreadable } = parseReceipts(`${torn.toString()}\n${written([opened('late')])}`, MINE);
      const kept = [...events.slice(0, whole + (isWhole ? 1 : 0)), opened('late')];
      assert.deepEqual(sorted(fold(read)), sorted(fold(kept)));
      assert.ok(unreadable <= 1);
    }),
  );
});

test('nonsense, and lines of a newer version, are counted and otherwise passed over', () => {
  const strange = ['{}', 'null', '[]', lineOf(MINE, [opened('one')]).replace('opened', 'teleported'), '{"scope":"a'];
  const { events, unreadable } = parseReceipts([...strange, written([opened('one')])].join('\n'), MINE);
  assert.deepEqual([events.length, unreadable], [1, strange.length]);
  fc.assert(fc.property(fc.string(), (text) => void parseReceipts(text, MINE)));
});

test('a cost that is no number of billionths is not known', () => {
  for (const cost of ['-5', '1.5', 'NaN', '', '1e9']) {
    const receipt = receiptOf(opened('one'), closed('one', { cost }));
    assert.ok(receipt);
    assert.equal(costOfReceipt(receipt), undefined);
  }
});

test('a compacted history says the same, in one line for each session', () => {
  fc.assert(
    fc.property(someEvents, someEvents, (mine, theirs) => {
      const text = `${written(mine)}${written(theirs, 'other')}torn`;
      const smaller = compact(text, NOON);
      for (const scope of [MINE, 'other'])
        assert.deepEqual(inShort(receiptsOf(smaller, scope)), inShort(receiptsOf(text, scope)));
      const sessions = [mine, theirs].map((events) => new Set(events.map((event) => event.sessionId)).size);
      assert.equal(smaller.split('\n').length - 1, (sessions[0] ?? 0) + (sessions[1] ?? 0));
      const again = compact(smaller, NOON);
      assert.equal(compact(again, NOON), again);
    }),
  );
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

/** A `Map` is compared in order, which means nothing here. */
function sorted(receipts: Receipts) {
  return [...receipts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Moves of one kind are put together once a session is over. */
function inShort(receipts: Receipts) {
  return sorted(receipts).map(([id, { moved: moves, ...receipt }]) => {
    const minutes = (who: string) => moves.filter(({ by }) => by === who).reduce((sum, move) => sum + move.minutes, 0);
    return [id, receipt, minutes('you'), minutes('guardian'), minutes('elsewhere')];
  });
}
