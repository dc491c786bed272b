import assert from 'node:assert/strict';
import test from 'node:test';
import type { Hosting, Session } from '../../../src/comfydeploy/model';
import { rowsOf, type Row } from '../../../src/sidebar/rows';
import { capabilitiesOf } from '../../../src/sessions/capabilities';
import { facts, type Facts, machine, NO_SESSIONS, ready, session } from '../../fakes/facts';

const rowsIn = (known: Facts) => rowsOf(known, known);

const rows = (overrides: Parameters<typeof ready>[0], more: Partial<Facts> = {}) =>
  rowsIn(facts({ snapshot: ready(overrides), ...more }));
const labels = (all: readonly Row[]) => all.map(({ parent, label }) => (parent === undefined ? label : `  ${label}`));
const rowOf = (one: Session, more: Partial<Facts> = {}) =>
  rows({ sessions: [one] }, more).find(({ kind }) => kind === 'session');

test('nothing known, nothing shown', () => {
  for (const kind of ['loading', 'signedOut'] as const) assert.deepEqual(rowsIn(facts({ snapshot: { kind } })), []);
});

test('machines with sessions come first, then by name as people sort', () => {
  const names = ['node 10', 'node 9', 'Ámbar', 'zebra', 'amber'];
  const machines = names.map((name) => machine(name, { name }));

  assert.deepEqual(labels(rows({ machines, sessions: [session('s', { on: 'zebra' })] })), [
    'zebra',
    '  A10G',
    'Ámbar',
    'amber',
    'node 9',
    'node 10',
  ]);
});

test('machines of the same name keep their places, in whatever order the server names them', () => {
  const twins = [machine('a', { name: 'Twin' }), machine('b', { name: 'twin' })];

  assert.deepEqual(rows({ machines: twins }), rows({ machines: twins.toReversed() }));
});

test('the newest session of a machine comes first', () => {
  const older = session('a');
  const newer = { ...session('b', { gpu: 'T4' }), createdAt: (older.createdAt ?? 0) + 1 };

  assert.deepEqual(labels(rows({ sessions: [older, newer] })), ['Machine one', '  T4', '  A10G']);
  assert.deepEqual(rows({ sessions: [older, newer] }), rows({ sessions: [newer, older] }));
});

test("one's own sessions stand before newer ones of others on the same machine", () => {
  const own = session('a', { by: 'user_ada' });
  const newer = { ...session('b', { gpu: 'T4', by: 'user_mira' }), createdAt: (own.createdAt ?? 0) + 1 };
  const account = { userId: 'user_ada', orgId: 'org', expiresAt: undefined };

  assert.deepEqual(labels(rows({ account, sessions: [newer, own] })), ['Machine one', '  A10G', '  T4']);
});

test('a machine that cannot host sessions is dimmed and says why, or is left out', () => {
  const reasons: readonly (readonly [Hosting, string])[] = [
    [NO_SESSIONS, 'classic machine, sessions not supported'],
    [{ kind: 'unable', why: 'builder', builder: '3' }, 'needs a rebuild'],
    [{ kind: 'unable', why: 'unbuilt' }, 'not built yet'],
    [{ kind: 'unable', why: 'status', status: 'building' }, 'building'],
    [{ kind: 'unable', why: 'status', status: 'error' }, 'build failed'],
    [{ kind: 'unable', why: 'status', status: 'paused' }, 'not ready: paused'],
  ];
  for (const [hosting, reason] of reasons) {
    const machines = [machine('one', { hosting })];
    const [row] = rows({ machines });
    assert.equal(row?.description, reason);
    assert.equal(row.isDimmed, true);
    assert.equal(
      row.contextValue,
      reason === 'building' ? 'machine +create' : 'machine',
      'what could not start is not offered',
    );
    assert.match(row.spoken, /can't run sessions/);
    assert.deepEqual(rows({ machines }, { showUnavailable: false }), []);
  }
});

test('a machine that runs a session is never left out', () => {
  const machines = [machine('one', { hosting: NO_SESSIONS })];

  const shown = rows({ machines, sessions: [session('s')] }, { showUnavailable: false });

  assert.deepEqual(labels(shown), ['Machine one', '  A10G']);
});

test('a session whose machine is not listed is still shown', () => {
  const all = rows({ sessions: [session('a', { on: 'gone' }), session('b', { on: undefined })] });

  assert.deepEqual(labels(all), ['Machine one', 'Sessions without a machine', '  A10G', '  A10G']);
  assert.match(all[1]?.spoken ?? '', /Sessions without a machine, 2 sessions/);
});

test('only what can be done with a session is offered', () => {
  assert.equal(capabilitiesOf(session('s', { phase: 'starting' })), '+open +extend +cancel');
  assert.equal(capabilitiesOf(session('s')), '+open +url +extend +cancel +guard');
  assert.equal(capabilitiesOf(session('s', { phase: 'undated' })), '+extend +cancel');
  assert.equal(capabilitiesOf(session('s', { phase: 'undated', url: 'https://x.test' })), '+open +url +extend +cancel');
  assert.equal(capabilitiesOf(session('s', { phase: 'ending' })), '');
  assert.equal(rowOf(session('s', { phase: 'ending' }))?.contextValue, 'session');
  assert.equal(rows({})[0]?.contextValue, 'machine +create');
});

test('a session says how it is, and whose it is if it is not ours', () => {
  const described = (one: Session, more: Partial<Facts> = {}) => rowOf(one, more)?.description;

  assert.equal(described(session('s', { left: 12 })), '12 min left');
  assert.equal(described(session('s', { phase: 'starting', left: 12 })), 'starting, 12 min left');
  assert.equal(described(session('s', { phase: 'ending' })), 'ending (still billing)');
  assert.equal(described(session('s', { phase: 'undated' })), 'billed, not listed');
  assert.equal(described(session('s', { by: 'user-ada' })), '30 min left · another member');
  assert.equal(described(session('s', { by: 'user-ada' }), { nameOf: () => 'Ada' }), '30 min left · Ada');
  assert.equal(described(session('s', { by: undefined })), '30 min left');
});

test('a screen reader hears what an icon shows', () => {
  assert.equal(
    rowOf(session('s', { left: 61, by: 'user-ada' }))?.spoken,
    'Session on Machine one, A10G, ready, 1 hour 1 minute left, started by another member',
  );
  assert.equal(rows({ sessions: [session('s')] })[0]?.spoken, 'Machine Machine one, A10G, 1 session');
});

test('a session near its end looks it', () => {
  assert.notDeepEqual(rowOf(session('s', { left: 5 }))?.icon, rowOf(session('s', { left: 5.01 }))?.icon);
});
