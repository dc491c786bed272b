import assert from 'node:assert/strict';
import test from 'node:test';
import type { Hosting, Session } from '../../../src/comfydeploy/model';
import { timeOfDay } from '../../../src/platform/durations';
import { apart } from '../../../src/sessions/twins';
import type { Row } from '../../../src/sidebar/rows';
import { rowsOf } from '../../fakes/treeRows';
import { capabilitiesOf } from '../../../src/sessions/capabilities';
import { appState, type KnownState, machine, MINUTE, NO_SESSIONS, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { NO_PREFERENCES } from '../../fakes/guardSettings';

const rowsIn = (known: KnownState) => rowsOf(known, known);

const rows = (overrides: Parameters<typeof ready>[0], more: Partial<KnownState> = {}) =>
  rowsIn(appState({ snapshot: ready(overrides), ...more }));
const labels = (all: readonly Row[]) => all.map(({ parent, label }) => (parent === undefined ? label : `  ${label}`));
const rowOf = (one: Session, more: Partial<KnownState> = {}) =>
  rows({ sessions: [one] }, more).find(({ kind }) => kind === 'session');

test('nothing known, nothing shown', () => {
  for (const kind of ['loading', 'signedOut'] as const) assert.deepEqual(rowsIn(appState({ snapshot: { kind } })), []);
});

test('machines with sessions come first, then by name as people sort', () => {
  const names = ['node 10', 'node 9', 'Ámbar', 'zebra', 'amber'];
  const machines = names.map((name) => machine(name, { name }));

  assert.deepEqual(labels(rows({ machines, sessions: [session('s', { on: 'zebra' })] })), [
    'zebra',
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
    [{ kind: 'unable', why: 'unread' }, "can't be read"],
    [{ kind: 'unable', why: 'status', status: 'not-started' }, 'not built yet'],
    [{ kind: 'unable', why: 'status', status: 'building' }, 'building'],
    [{ kind: 'unable', why: 'status', status: 'error' }, 'build failed'],
    [{ kind: 'unable', why: 'status', status: 'paused' }, 'not ready (paused)'],
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
    assert.match(row.ariaLabel, /can't run sessions/);
    assert.deepEqual(rows({ machines }, { showUnavailable: false }), []);
  }
});

test('a machine that runs a session is never left out', () => {
  const machines = [machine('one', { hosting: NO_SESSIONS })];

  const shown = rows({ machines, sessions: [session('s')] }, { showUnavailable: false });

  assert.deepEqual(labels(shown), ['Machine one']);
});

test('a session whose machine is not listed is still shown', () => {
  const all = rows({ sessions: [session('a', { on: 'gone' }), session('b', { on: undefined })] });

  assert.deepEqual(labels(all), ['Machine one', 'Sessions on unlisted machines', '  A10G', '  A10G']);
  assert.match(all[1]?.ariaLabel ?? '', /Sessions on unlisted machines, 2 sessions/);
});

test('only what can be done with a session is offered', () => {
  assert.equal(capabilitiesOf(session('s', { phase: 'starting' })), '+open +extend +end');
  assert.equal(capabilitiesOf(session('s')), '+open +url +extend +end +guard');
  assert.equal(capabilitiesOf(session('s', { phase: 'undated' })), '+extend +end');
  assert.equal(capabilitiesOf(session('s', { phase: 'undated', url: 'https://x.test' })), '+open +url +extend +end');
  assert.equal(capabilitiesOf(session('s', { phase: 'ending' })), '');
  assert.equal(rowOf(session('s', { phase: 'ending', on: 'gone' }))?.contextValue, 'session');
  const alone = rowOf(session('s', { phase: 'ending' }))?.contextValue;
  assert.equal(alone, 'session +machine +create', 'in its place, what can be done with the machine');
  assert.equal(rows({})[0]?.contextValue, 'machine +create');
});

test('a session says how it is, and whose it is if it is not ours', () => {
  const described = (one: Session, more: Partial<KnownState> = {}) => rowOf(one, more)?.description;

  assert.equal(described(session('s', { left: 12 })), '12m · A10G');
  assert.equal(described(session('s', { left: 65 })), '1h 5m · A10G');
  assert.equal(described(session('s', { left: 12, on: 'gone' })), '12m');
  assert.equal(described(session('s', { phase: 'starting', left: 12 })), '12m · starting · A10G');
  const preferencesOf = () => ({ ...NO_PREFERENCES, lease: { since: NOW } });
  const onLease = described(session('s', { phase: 'starting', left: 12 }), { preferencesOf });
  assert.equal(onLease, '12m · starting · A10G · on lease, renewed while used');
  assert.equal(described(session('s', { phase: 'ending' })), 'ending (still billing) · A10G');
  assert.equal(described(session('s', { phase: 'undated' })), 'billed, not listed · A10G');
  assert.equal(described(session('s', { by: 'user-ada' })), '30m · A10G · another member');
  assert.equal(described(session('s', { by: 'user-ada' }), { nameOf: () => 'Ada' }), '30m · A10G · Ada');
  assert.equal(described(session('s', { by: undefined })), '30m · A10G');
});

test('a screen reader hears what an icon shows', () => {
  assert.equal(
    rowOf(session('s', { left: 61, by: 'user-ada' }))?.ariaLabel,
    'Session on Machine one, A10G, ready, 1 hour 1 minute left, started by another member',
  );
  const ariaLabel = rows({ sessions: [session('s'), session('t', { gpu: 'T4' })] }).map((row) => row.ariaLabel);
  assert.deepEqual(
    ariaLabel,
    ['Machine Machine one, A10G, 2 sessions', 'A10G, ready, 30 minutes left', 'T4, ready, 30 minutes left'],
    'what the row above has said is not said again',
  );
});

test('a session near its end looks it, and a short one not from its beginning', () => {
  const iconOf = (left: number) => rowOf(session('s', { left }))?.icon.id;
  const long = (left: number) => rowOf({ ...session('s', { left }), createdAt: NOW - 60 * MINUTE })?.icon.id;
  assert.deepEqual([long(5), long(5.01)], ['watch', 'vm-running']);
  assert.deepEqual([iconOf(3.3), iconOf(5)], ['watch', 'vm-running'], 'ten minutes old: a quarter of it is less');
});

test('a session that renders has an icon of its own, and says how far it is where that is known', () => {
  const rendering = { kind: 'rendering', queued: 1, since: NOW } as const;
  const work = (percent?: number) =>
    new Map([[sessionId('s'), { activity: rendering, vram: undefined, readAt: NOW, percent }]]);
  const [known, unknown] = [rowOf(session('s'), { work: work(30) }), rowOf(session('s'), { work: work() })];
  assert.equal(known?.description, '30m · A10G · rendering 30%, 1 queued');
  assert.equal(unknown?.description, '30m · A10G · rendering, 1 queued');
  assert.equal(known.icon.id, 'play-circle');
  assert.notEqual(rowOf(session('s'))?.icon.id, 'play-circle');
});

test('40 sessions on 40 machines are 40 rows, and each machine with several has them below it', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const machines = ids.map((id) => machine(id));
  const sessions = ids.map((id) => session(id, { on: id }));
  const all = rows({ machines, sessions });
  assert.equal(all.length, 40);
  assert.ok(all.every(({ kind, parent }) => kind === 'session' && parent === undefined));
  const two = rows({ machines, sessions: [...sessions, session('more', { on: 'm3' })] });
  assert.deepEqual(labels(two).slice(0, 3), ['Machine m0', 'Machine m1', 'Machine m2']);
  assert.deepEqual(labels(two).slice(3, 6), ['Machine m3', '  A10G', '  A10G']);
});

test('of a long name both ends are shown, shorter where a time follows, and all of it is said', () => {
  const name = 'stable-diffusion-production-cluster-west-2';
  const [row] = rows({ machines: [machine('one', { name })], sessions: [session('s')] });
  assert.equal(row?.label, 'stab…st-2');
  assert.ok(row.ariaLabel.startsWith(`Session on ${name}, `));
  const several = rows({ machines: [machine('one', { name })], sessions: [session('s'), session('t')] });
  assert.equal(several[0]?.label, row.label);
  assert.equal(rows({ machines: [machine('one', { name })], sessions: [] })[0]?.label, 'stable-…-west-2');
});

test('a machine with several sessions says how many, and when the first of them ends', () => {
  const sessions = [session('s', { left: 31 }), session('t', { left: 24 }), session('u', { phase: 'undated' })];
  const [row] = rows({ sessions });
  assert.deepEqual([row?.description, row?.icon.id], ['24m · 3 sessions', 'vm-running']);
  const [unknown] = rows({ sessions: sessions.slice(2).concat(session('v', { phase: 'undated' })) });
  assert.equal(unknown?.description, '2 sessions');
});

test('sessions that would read the same are told apart by when they began', () => {
  const twins = [session('s'), session('t')].map((one, n) => ({ ...one, createdAt: NOW - n * MINUTE }));
  const snapshot = ready({ sessions: [...twins, { ...session('u', { gpu: 'T4' }), createdAt: NOW }] });
  assert.deepEqual(
    snapshot.sessions.map((one) => apart(one, snapshot)),
    [` · since ${timeOfDay(NOW)}`, ` · since ${timeOfDay(NOW - MINUTE)}`, ''],
  );
});
