import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compact, fold, lineOf, parseLedger, type LedgerEvent } from '../../../src/sessions/ledger';
import { scopeOf } from '../../../src/accounts/keyRing';
import { NO_WISH, wishFrom } from '../../../src/sessions/wishes';
import { machineId, sessionId } from '../../fakes/setup';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2030, 0, 1, 12);
const MINE = scopeOf('https://api.test/api', 'user-me');
const ONE = sessionId('one');

const asked = (intent: string): LedgerEvent => ({
  kind: 'createAsked',
  intent,
  machineId: machineId('machine-1'),
  gpu: 'T4',
  at: NOW,
  known: [ONE],
});

const written = (events: readonly LedgerEvent[], scope = MINE, on = NOW): string =>
  events.map((event) => `${lineOf(scope, on, event)}\n`).join('');

const stateOf = (text: string, scope = MINE) => fold(parseLedger(text, scope).events);

/** Some of everything that can be written, about a few sessions and intents. */
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

test('a create is open until it is answered, found, or proven not to be', () => {
  const open = stateOf(written([asked('a'), asked('b'), asked('c'), { kind: 'createLost', intent: 'a' }]));
  assert.deepEqual(
    [...open.creates.values()].map(({ intent, isLost, known }) => [intent, isLost, known]),
    [
      ['a', true, [ONE]],
      ['b', false, [ONE]],
      ['c', false, [ONE]],
    ],
  );

  const settled = fold(
    [
      { kind: 'created', intent: 'a', sessionId: ONE },
      { kind: 'notCreated', intent: 'b' },
    ],
    open,
  );
  assert.deepEqual([...settled.creates.keys()], ['c']);
  assert.deepEqual([...settled.created], [[ONE, 'a']]);
});

test('a session is followed until it is proven to have ended, with all that was begun with it', () => {
  const events: readonly LedgerEvent[] = [
    { kind: 'created', intent: 'a', sessionId: ONE },
    { kind: 'extendAsked', intent: 'b', sessionId: ONE, at: NOW },
    { kind: 'cancelAsked', sessionId: ONE, at: NOW },
  ];
  const { created, extensions, cancelling } = fold(events);
  assert.deepEqual([created.size, extensions.get(ONE)?.intent, cancelling.get(ONE)?.at], [1, 'b', NOW]);

  const after = fold([...events, { kind: 'ended', sessionId: ONE }]);
  assert.deepEqual([after.created.size, after.extensions.size, after.cancelling.size], [0, 0, 0]);
});

test('only the window whose turn it is can end an extension', () => {
  const open = fold([{ kind: 'extendAsked', intent: 'second', sessionId: ONE, at: NOW }]);
  for (const kind of ['extendLost', 'extendSettled'] as const)
    assert.equal(fold([{ kind, intent: 'first', sessionId: ONE }], open), open);
});

test('wishes about a session add up, and are over with it', () => {
  const events: readonly LedgerEvent[] = [
    { kind: 'wished', sessionId: ONE, wish: { keepAlive: true, endWhenIdle: 15 } },
    { kind: 'wished', sessionId: ONE, wish: { endWhenIdle: 0 } },
  ];
  assert.deepEqual(stateOf(written(events)).wishes.get(ONE), { keepAlive: true, endWhenIdle: 0 });
  assert.equal(fold([...events, { kind: 'ended', sessionId: ONE }]).wishes.size, 0);
});

test('a wish stands where the settings say something else, also for never', () => {
  const usual = { keepAlive: true, endWhenIdle: 15, finishThenEnd: false };
  assert.deepEqual(wishFrom(usual, undefined), usual);
  assert.deepEqual(wishFrom(usual, { keepAlive: false, finishThenEnd: true }), {
    keepAlive: false,
    endWhenIdle: 15,
    finishThenEnd: true,
  });
  assert.equal(wishFrom(usual, { endWhenIdle: 0 }).endWhenIdle, undefined);
  assert.equal(wishFrom(NO_WISH, { endWhenIdle: 30 }).endWhenIdle, 30);
});

test('every account and server has a ledger of its own', () => {
  const theirs = scopeOf('https://api.test/api', 'user-other');
  assert.notEqual(theirs, MINE);
  assert.match(MINE, /^[\da-f]{8}$/);
  assert.equal(stateOf(written([asked('a')], theirs)).creates.size, 0);
});

test('wherever a crash tears the file, every whole line before the tear counts, and what is written after it too', () => {
  const later: LedgerEvent = { kind: 'cancelAsked', sessionId: ONE, at: NOW };
  fc.assert(
    fc.property(someEvents, (events) => {
      const bytes = Buffer.from(written(events));
      const plain = events.map((event) => ({ ...event })); // without the generator's null prototypes
      for (let end = 0; end <= bytes.length; end++) {
        const torn = bytes.subarray(0, end);
        const whole = torn.filter((byte) => byte === 10).length;
        // A line that lost nothing but its end is whole.
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

test('what is over or ancient is thrown out', () => {
  const over = written([
    asked('a'),
    { kind: 'created', intent: 'a', sessionId: ONE },
    { kind: 'ended', sessionId: ONE },
  ]);
  assert.equal(compact(over, NOW), '');
  const old = written([asked('b')], MINE, NOW - 31 * DAY);
  assert.equal(compact(old + written([asked('c')]), NOW), written([asked('c')]));
});

/** Order means nothing in it. */
function sorted(state: ReturnType<typeof fold>) {
  return Object.entries(state).map(([name, map]) => [name, [...map].sort(([a], [b]) => (a < b ? -1 : 1))]);
}
