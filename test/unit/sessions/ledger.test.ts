import assert from 'node:assert/strict';
import test from 'node:test';
import { compact, fold, type LedgerEvent } from '../../../src/sessions/ledger';
import { scopeOf } from '../../../src/accounts/keyRing';
import { preferencesFrom } from '../../../src/sessions/preferences';
import { NOW, MINE, ONE, asked, written, stateOf } from './ledger';
import { NO_PREFERENCES } from '../../fakes/guardSettings';

const DAY = 24 * 3_600_000;

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
  const { created, extensions, ends } = fold(events);
  assert.deepEqual([created.size, extensions.get(ONE)?.intent, ends.get(ONE)?.at], [1, 'b', NOW]);

  const after = fold([...events, { kind: 'ended', sessionId: ONE }]);
  assert.deepEqual([after.created.size, after.extensions.size, after.ends.size], [0, 0, 0]);
});

test('only the window whose turn it is can end an extension', () => {
  const open = fold([{ kind: 'extendAsked', intent: 'second', sessionId: ONE, at: NOW }]);
  for (const kind of ['extendLost', 'extendSettled'] as const)
    assert.equal(fold([{ kind, intent: 'first', sessionId: ONE }], open), open);
});

test('preferences about a session add up, and are over with it', () => {
  const events: readonly LedgerEvent[] = [
    { kind: 'wished', sessionId: ONE, wish: { keepAlive: true, endWhenIdle: 15 } },
    { kind: 'wished', sessionId: ONE, wish: { endWhenIdle: 0 } },
  ];
  assert.deepEqual(stateOf(written(events)).preferences.get(ONE), { keepAlive: true, endWhenIdle: 0 });
  assert.equal(fold([...events, { kind: 'ended', sessionId: ONE }]).preferences.size, 0);
});

test('a preference stands where the settings say something else, also for never', () => {
  const usual = { keepAlive: true, endWhenIdle: 15, finishThenEnd: false, endAt: undefined, lease: undefined };
  assert.deepEqual(preferencesFrom(usual, undefined), usual);
  assert.deepEqual(preferencesFrom(usual, { keepAlive: false, finishThenEnd: true }), {
    keepAlive: false,
    endWhenIdle: 15,
    finishThenEnd: true,
    endAt: undefined,
    lease: undefined,
  });
  const daily = { kind: 'daily', minutes: 1080 } as const;
  const evening = { ...usual, endAt: daily };
  assert.deepEqual(
    ([{}, { endAt: 'asSet' }, { endAt: 'never' }, { endAt: 5_000 }] as const).map(
      (asked) => preferencesFrom(evening, asked).endAt,
    ),
    [daily, daily, undefined, { kind: 'once', at: 5_000 }],
  );
  assert.equal(preferencesFrom(usual, { endWhenIdle: 0 }).endWhenIdle, undefined);
  assert.equal(preferencesFrom(NO_PREFERENCES, { endWhenIdle: 30 }).endWhenIdle, 30);
});

test('every account and server has a ledger of its own', () => {
  const theirs = scopeOf('https://api.test/api', 'user-other');
  assert.notEqual(theirs, MINE);
  assert.match(MINE, /^[\da-f]{8}$/);
  assert.equal(stateOf(written([asked('a')], theirs)).creates.size, 0);
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
