import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { fold, type ReceiptEvent, type Receipts } from '../../../src/spending/receipts';
import { NOON, opened, someEvents } from '../../fakes/receipts';

const MINE = 'cafe0001';

const written = (events: readonly ReceiptEvent[], scope = MINE): string =>
  events.map((event) => `${lineOf(scope, [event])}\n`).join('');
const receiptsOf = (text: string, scope = MINE): Receipts => fold(parseReceipts(text, scope).events);

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

/** Sorted, since a `Map` is compared in order, which has no meaning here. */
function sorted(receipts: Receipts) {
  return [...receipts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Moves of the same kind are merged once a session is over. */
function inShort(receipts: Receipts) {
  return sorted(receipts).map(([id, { moved: moves, ...receipt }]) => {
    const minutes = (who: string) => moves.filter(({ by }) => by === who).reduce((sum, move) => sum + move.minutes, 0);
    return [id, receipt, minutes('you'), minutes('guardian'), minutes('elsewhere')];
  });
}
