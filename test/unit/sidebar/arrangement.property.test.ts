import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Arranged, AS_USUAL, type Arrangement } from '../../../src/sidebar/arrangement';
import { placesOf, rowId, type Place } from '../../../src/sidebar/places';
import { endOrNever } from '../../../src/sessions/deadline';
import { isOwn } from '../../../src/sessions/snapshot';
import { machine, ready, session } from '../../fakes/appState';

const PRICES = new Map([
  ['A10G', 1.1],
  ['H100', 4],
]);

const lists = fc.record({
  machines: fc.uniqueArray(fc.constantFrom('one', 'two', 'three'), { maxLength: 3 }),
  sessions: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      gpu: fc.constantFrom('A10G', 'H100', 'T4'),
      on: fc.constantFrom('one', 'two', 'gone'),
      by: fc.constantFrom('user-me', 'user-ada'),
      left: fc.integer({ min: 1, max: 90 }),
    }),
    { selector: ({ id }) => id, maxLength: 6 },
  ),
});
const arrangements: fc.Arbitrary<Arrangement> = fc.record({
  show: fc.constantFrom('all', 'running', 'mine'),
  sort: fc.constantFrom('name', 'timeLeft', 'price'),
  group: fc.constantFrom('machine', 'none'),
});

function worldOf({ machines, sessions }: typeof lists extends fc.Arbitrary<infer T> ? T : never) {
  return ready({
    machines: machines.map((id) => machine(id)),
    sessions: sessions.map((look) => session(look.id, look)),
  });
}

const sessionsIn = (places: readonly Place[]) => places.flatMap((place) => (place.kind === 'session' ? [place] : []));

test('however the rows are arranged, each session that passes the filter is one row, and no other', () => {
  fc.assert(
    fc.property(lists, arrangements, fc.boolean(), (of, arrangement, showUnavailable) => {
      const snapshot = worldOf(of);
      const places = placesOf(snapshot, { ...arrangement, showUnavailable, prices: PRICES });
      const wanted = snapshot.sessions.filter((one) => arrangement.show !== 'mine' || isOwn(snapshot.account, one));
      assert.deepEqual(
        sessionsIn(places)
          .map((place) => place.session.id)
          .toSorted(),
        wanted.map(({ id }) => id).toSorted(),
      );
      assert.equal(new Set(places.map((place) => rowId(place))).size, places.length);
      if (arrangement.show !== 'all') for (const place of places) assert.ok(!('sessions' in place) || place.sessions);
      for (const { parent } of sessionsIn(places)) assert.ok(parent ? places.includes(parent) : true);
      if (arrangement.group === 'none') assert.ok(sessionsIn(places).every(({ parent }) => !parent));
    }),
  );
});

test('sorted by time left, the session that ends next comes first; by price, the dearest', () => {
  fc.assert(
    fc.property(lists, fc.constantFrom('timeLeft', 'price'), fc.constantFrom('machine', 'none'), (of, sort, group) => {
      const places = placesOf(worldOf(of), { ...AS_USUAL, sort, group, showUnavailable: true, prices: PRICES });
      const [first, ...others] = sessionsIn(places).filter(({ machine: on }) => group === 'none' || on);
      const rank = ({ session: one }: (typeof others)[number]) =>
        sort === 'price' ? -(PRICES.get(one.gpu) ?? 0) : endOrNever(one);
      for (const other of others) assert.ok(first && rank(first) <= rank(other));
    }),
  );
});

test('an arrangement outlasts the window, and one that nobody knows is as usual', () => {
  const kept = new Map<string, unknown>();
  const memory = {
    get: (key: string) => kept.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  };
  let drawn = 0;
  const first = new Arranged(memory, () => drawn++);
  assert.deepEqual(first.current, AS_USUAL);
  first.change({ sort: 'price' });
  assert.equal(drawn, 1);
  assert.deepEqual(new Arranged(memory, () => drawn++).current, { ...AS_USUAL, sort: 'price' });

  for (const stored of [null, 'price', { sort: 'weight', show: 3, group: 'machine' }]) {
    kept.set('arrangement', stored);
    assert.deepEqual(new Arranged(memory, () => drawn++).current, AS_USUAL);
  }
});
