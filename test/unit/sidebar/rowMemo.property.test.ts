import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MachineId, SessionId, type Work } from '../../../src/comfydeploy/model';
import type { GuardPreferences } from '../../../src/sessions/preferences';
import { AS_USUAL } from '../../../src/sidebar/arrangement';
import { placesOf, rowId, type Place } from '../../../src/sidebar/places';
import { RowMemo } from '../../../src/sidebar/rowMemo';
import { rowOf } from '../../../src/sidebar/rows';
import { appState, machine, NO_SESSIONS, ready, session } from '../../fakes/appState';

const SECOND = 1_000;
const sessions = [
  ...(['starting', 'ready', 'undated', 'ending'] as const).flatMap((phase) =>
    [0, 3, 20].flatMap((left) => [
      session(`${phase}${left}`, { phase, left, on: 'two' }),
      session(`${phase}${left}`, { phase, left, on: 'gone', by: 'user-ada' }),
    ]),
  ),
  session('alone', { left: 9, on: 'one' }),
];
const machines = [
  [machine('one'), machine('two')],
  [machine('one', { name: 'other' }), machine('two', { hosting: NO_SESSIONS })],
];

const usual: GuardPreferences = {
  keepAlive: false,
  endWhenIdle: undefined,
  finishThenEnd: false,
  endAt: undefined,
  lease: undefined,
};
const wanted = fc.constantFrom<GuardPreferences>(
  usual,
  { ...usual },
  { ...usual, keepAlive: true },
  { ...usual, endWhenIdle: 5 },
  { ...usual, finishThenEnd: true },
  { ...usual, endAt: { kind: 'daily', minutes: 60 } },
  { ...usual, endAt: { kind: 'once', at: 60 } },
  { ...usual, lease: { since: 1 } },
);
const ids = fc.constantFrom(...sessions.map(({ id }) => id), SessionId.parse('alone'));
const worlds = fc.record({
  shown: fc.subarray(sessions),
  listed: fc.constantFrom(...machines),
  // Near the moments at which texts and icons change, which may differ.
  later: fc.oneof(fc.integer({ min: -130, max: 25 * 60 }), fc.constantFrom(-20, -10, 0, 1, 15 * 60 - 1, 15 * 60)),
  wanted,
  name: fc.option(fc.constantFrom('Ada', 'Bea'), { nil: undefined }),
  failed: fc.boolean(),
  counted: fc.option(ids, { nil: undefined }),
  worked: fc.option(ids, { nil: undefined }),
});

test('a row that is kept says what it would say if it were made anew, whatever has happened since', () => {
  const work: Work = { activity: { kind: 'idle', since: 0 }, vram: undefined, readAt: 0 };
  fc.assert(
    fc.property(fc.array(worlds, { minLength: 2, maxLength: 6 }), (moments) => {
      const memo = new RowMemo<object>();
      const keys = new Map<string, object>();
      const keyOf = (place: Place) => keys.get(rowId(place)) ?? keys.set(rowId(place), {}).get(rowId(place))!;
      for (const { shown, listed, later, wanted, name, failed, counted, worked } of moments) {
        const first = appState({});
        const known = appState({
          snapshot: ready({ machines: listed, sessions: [...new Map(shown.map((one) => [one.id, one])).values()] }),
          now: first.now + later * SECOND,
          preferencesOf: () => wanted,
          nameOf: () => name,
          history: { ...first.history, hasFailedStart: (id) => failed && id === MachineId.parse('one') },
          countdowns: new Map(counted === undefined ? [] : [[counted, first.now + later * SECOND + 45 * SECOND]]),
          work: new Map(worked === undefined ? [] : [[worked, { ...work, readAt: first.now }]]),
        });
        if (known.snapshot.kind !== 'ready') throw new Error('not ready');
        for (const place of placesOf(known.snapshot, { ...AS_USUAL, showUnavailable: true, prices: undefined }))
          if (place.kind !== 'account')
            assert.deepEqual(memo.of(keyOf(place), place, known.snapshot, known), rowOf(place, known.snapshot, known));
      }
    }),
    { numRuns: 300 },
  );
});

test('a row that is about to end is drawn as such, also where its words stay as they were', () => {
  const near = session('near', { left: 3, on: 'two' });
  const memo = new RowMemo<object>();
  const key = {};
  const icons = [-20, -10].map((later) => {
    const first = appState({});
    const known = appState({ snapshot: ready({ machines: [], sessions: [near] }), now: first.now + later * SECOND });
    if (known.snapshot.kind !== 'ready') throw new Error('not ready');
    const { icon } = memo.of(
      key,
      { kind: 'session', session: near, parent: undefined, machine: undefined },
      known.snapshot,
      known,
    );
    return icon.id;
  });
  assert.deepEqual(icons, ['vm-running', 'watch']);
});
