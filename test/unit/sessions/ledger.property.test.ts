import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { fold } from '../../../src/sessions/ledger';
import { compact, lineOf, parseLedger, type LedgerEvent } from '../../../src/sessions/ledger';
import { sessionId } from '../../fakes/setup';
import { NOW, MINE, ONE, asked, written, stateOf } from './ledger';

/** Any events that can be written, about a few sessions and intents. */
const someEvents: fc.Arbitrary<LedgerEvent[]> = fc.array(
  fc.oneof<fc.Arbitrary<LedgerEvent>[]>(
    fc.constantFrom('a', 'b', 'c').map(asked),
    fc.record({ kind: fc.constantFrom('createLost', 'notCreated'), intent: fc.constantFrom('a', 'b', 'c') }),
    fc.record({
      kind: fc.constantFrom('created', 'extendLost', 'extendSettled'),
      intent: fc.constantFrom('a', 'b', 'c'),
      sessionId: fc.constantFrom('one', 'zwei-ü', 'three').map(sessionId),
    }),
    fc.record({
      kind: fc.constant('extendAsked'),
      intent: fc.constantFrom('a', 'b'),
      sessionId: fc.constantFrom('one', 'three').map(sessionId),
      at: fc.constant(NOW),
    }),
    fc.record({
      kind: fc.constant('cancelAsked'),
      sessionId: fc.constantFrom('one', 'zwei-ü').map(sessionId),
      at: fc.constant(NOW),
    }),
    fc.record({
      kind: fc.constant('wished'),
      sessionId: fc.constantFrom('one', 'three').map(sessionId),
      wish: fc
        .record({ keepAlive: fc.boolean(), endWhenIdle: fc.nat() }, { requiredKeys: [] })
        .map((wish) => ({ ...wish })),
    }),
    fc.record({
      kind: fc.constantFrom('cancelDropped', 'ended'),
      sessionId: fc.constantFrom('one', 'zwei-ü', 'three').map(sessionId),
    }),
  ),
  { maxLength: 30 },
);

test('wherever a crash tears the file, every whole line before the tear counts, and what is written after it too', () => {
  const later: LedgerEvent = { kind: 'cancelAsked', sessionId: ONE, at: NOW };
  fc.assert(
    fc.property(someEvents, (events) => {
      const bytes = Buffer.from(written(events));
      const plain = events.map((event) => ({ ...event })); // without the generator's null prototypes
      for (let end = 0; end <= bytes.length; end++) {
        const torn = bytes.subarray(0, end);
        const whole = torn.filter((byte) => byte === 10).length;
        // A line that lost only its line end is complete.
        const isWhole = end < bytes.length && bytes[end] === 10;
        const text = `${torn.toString()}\n${written([later])}`;
        const { events: read, unreadable } = parseLedger(text, MINE);
        assert.deepEqual(read, [...plain.slice(0, whole + (isWhole ? 1 : 0)), later]);
        assert.ok(unreadable <= 1);
      }
    }),
    { numRuns: 5 },
  );
});

test('nonsense, and lines of a newer version, are counted and otherwise passed over', () => {
  const strange = [
    '{}',
    'null',
    '[]',
    '{"scope":1}',
    lineOf(MINE, NOW, asked('a')).replace('createAsked', 'teleported'),
  ];
  const { events, unreadable } = parseLedger([...strange, written([asked('b')])].join('\n'), MINE);
  assert.deepEqual([events.length, unreadable], [1, strange.length]);
  fc.assert(fc.property(fc.string(), (text) => void parseLedger(text, MINE)));
});

test('a compacted ledger says the same, and is not longer', () => {
  fc.assert(
    fc.property(someEvents, someEvents, (mine, theirs) => {
      const text = written(mine) + written(theirs, 'other') + 'torn';
      const smaller = compact(text, NOW);
      assert.ok(smaller.length <= text.length);
      for (const scope of [MINE, 'other'])
        assert.deepEqual(sorted(stateOf(smaller, scope)), sorted(stateOf(text, scope)));
      assert.equal(compact(smaller, NOW), smaller);
    }),
  );
});

/** Sorted, since the order has no meaning. */
function sorted(state: ReturnType<typeof fold>) {
  return Object.entries(state).map(([name, map]) => [name, [...map].sort(([a], [b]) => (a < b ? -1 : 1))]);
}
