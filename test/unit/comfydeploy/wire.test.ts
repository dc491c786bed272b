import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod/mini';
import { MachineEventWire, MachineWire, PricesWire, ProfileWire, SessionWire } from '../../../src/comfydeploy/wire';
import { rowsIn } from '../../fakes/rows';
import { recordedAnswer } from '../../fakes/samples';
import { machineWire, sessionWire, type Wire } from '../../fakes/wire';

const NOW = Date.UTC(2030, 0, 1, 12);
const read = (overrides: Wire) => z.parse(SessionWire, sessionWire('one', NOW, overrides));
const hostingOf = (overrides: Wire) => z.parse(MachineWire, machineWire(overrides)).hosting;

test('a recorded session that is starting is read whole', () => {
  const session = z.parse(SessionWire, recordedAnswer('get starting').body);

  assert.deepEqual(session, {
    id: 'f1ee2c7c-0245-47df-8bdd-710cb12e8aed',
    gpuEventId: '628e5d8b-0f34-4d1d-879f-c9aef83f0bc4',
    gpu: 'T4',
    createdAt: Date.UTC(2026, 10, 21, 22, 26, 33, 7),
    minutesAsked: 10,
    machineId: '11111111-1111-4111-8111-111111111111',
    machineVersionId: '22222222-2222-4222-8222-222222222222',
    userId: 'user_paid',
    phase: 'starting',
    endsAt: Date.UTC(2026, 10, 21, 22, 36, 33, 13),
  });
});

test('every recorded list is read without a loss', async () => {
  const lists = [
    ['sessions empty', SessionWire],
    ['list starting', SessionWire],
    ['list one machine', SessionWire],
    ['machines all', MachineWire],
    ['machines default (includes deleted; excludes is_workspace)', MachineWire],
    ['machines filtered', MachineWire],
    ['events', MachineEventWire],
  ] as const;
  for (const [label, row] of lists) {
    const { body } = recordedAnswer(label);
    const { rows, skipped } = await rowsIn<z.core.$ZodType>(row, 'id', body);
    assert.deepEqual(skipped, [], label);
    assert.equal(rows.length, Array.isArray(body) ? body.length : undefined, label);
  }
});

test('only the deadline moves when a recorded session is extended', () => {
  const before = z.parse(SessionWire, recordedAnswer('get starting').body);
  const after = z.parse(SessionWire, recordedAnswer('get after extend v2').body);

  assert.ok('endsAt' in before && 'endsAt' in after);
  assert.deepEqual(after, { ...before, endsAt: before.endsAt + 5 * 60_000 });
});

test('the phase follows from the url and the deadline, not from the status', () => {
  assert.equal(read({}).phase, 'ready');
  assert.equal(read({ url: null }).phase, 'starting');
  assert.equal(read({ url: '' }).phase, 'starting');
  assert.equal(read({ timeout_end: null }).phase, 'undated');
  assert.equal(read({ timeout_end: null, url: null }).phase, 'undated');
  assert.equal(read({ status: 'whatever' }).phase, 'ready');
});

test('what the server may leave out is undefined', () => {
  const session = read({ timeout: null, machine_id: null, machine_version_id: undefined, user_id: null });

  assert.equal(session.minutesAsked, undefined);
  assert.equal(session.machineId, undefined);
  assert.equal(session.machineVersionId, undefined);
  assert.equal(session.userId, undefined);
});

test('a GPU, a status or a field of tomorrow breaks nothing', () => {
  assert.equal(read({ gpu: 'Z9000', novelty: { deep: true } }).gpu, 'Z9000');
  assert.equal(z.parse(MachineWire, machineWire({ gpu: 'Z9000', novelty: 1 })).gpu, 'Z9000');
  assert.deepEqual(hostingOf({ status: 'hibernating' }), { kind: 'unable', why: 'status', status: 'hibernating' });
});

test('a machine can host sessions if its type, its builder and its status allow it', () => {
  assert.deepEqual(hostingOf({}), { kind: 'able' });
  assert.deepEqual(hostingOf({ machine_builder_version: 5 }), { kind: 'able' });
  assert.deepEqual(hostingOf({ type: 'classic' }), { kind: 'unable', why: 'type', type: 'classic' });
  assert.deepEqual(hostingOf({ machine_builder_version: '3' }), { kind: 'unable', why: 'builder', builder: '3' });
  assert.deepEqual(hostingOf({ machine_builder_version: null }), {
    kind: 'unable',
    why: 'builder',
    builder: undefined,
  });
  assert.equal(hostingOf({ machine_builder_version: 'next' }).kind, 'unable');
  assert.deepEqual(hostingOf({ machine_version: null }), { kind: 'unable', why: 'unbuilt' });
  assert.deepEqual(hostingOf({ machine_version: undefined }), { kind: 'able' }, 'not told, as by other servers');
  assert.deepEqual(hostingOf({ machine_version: null, status: 'error' }).kind, 'unable');
  assert.deepEqual(hostingOf({ machine_version: null, machine_builder_version: '3' }), {
    kind: 'unable',
    why: 'builder',
    builder: '3',
  });
  assert.deepEqual(hostingOf({ machine_version: null, type: 'workspace' }), {
    kind: 'unable',
    why: 'type',
    type: 'workspace',
  });
  assert.deepEqual(hostingOf({ status: 'building' }), { kind: 'unable', why: 'status', status: 'building' });
  assert.deepEqual(hostingOf({ type: 'classic', status: 'error' }), { kind: 'unable', why: 'type', type: 'classic' });
});

test('a bad row costs that row, and is named by its fields and never by its values', async () => {
  const rows = [
    sessionWire('good', NOW),
    sessionWire('bad', NOW, { session_id: 'bad', gpu: { 'SECRET-KEY': 'SECRET-VALUE' } }),
    'SECRET-ROW',
    sessionWire('also-good', NOW),
  ];

  const result = await rowsIn(SessionWire, 'session_id', rows);

  assert.deepEqual(
    result.rows.map(({ id }) => id),
    ['good', 'also-good'],
  );
  assert.equal(result.skipped.length, 2);
  assert.deepEqual(
    result.skipped.map(({ id }) => id),
    ['bad', undefined],
  );
  assert.match(result.skipped[0]?.why ?? '', /gpu: missing, or of another type/);
  assert.doesNotMatch(JSON.stringify(result.skipped), /SECRET/);
});

test('the recorded prices are read exactly, in billionths', () => {
  const prices = z.parse(PricesWire, recordedAnswer('gpu pricing (no auth)').body);

  assert.equal(prices.get('A10G'), 337_000);
  assert.equal(prices.get('CPU'), 42_000);
  assert.equal(prices.size, 10);
});

test('a price in exponents is a price; a bad one is left out', () => {
  const text = '{"CPU":4.2e-05,"free":0,"text":"0.1","none":null,"debt":-1,"endless":1e999,"silly":1e300}';

  const prices = z.parse(PricesWire, JSON.parse(text));

  assert.deepEqual(
    [...prices],
    [
      ['CPU', 42_000],
      ['free', 0],
    ],
  );
});

test('a person is called by their names, or else by their user name', () => {
  assert.equal(z.parse(ProfileWire, { username: 'ada', first_name: 'Ada', last_name: 'Lovelace' }), 'Ada Lovelace');
  assert.equal(z.parse(ProfileWire, { username: 'ada', first_name: null, last_name: 'Lovelace' }), 'Lovelace');
  assert.equal(z.parse(ProfileWire, { username: 'ada', first_name: null, last_name: null }), 'ada');
  assert.equal(z.parse(ProfileWire, { username: null, first_name: '', last_name: null }), undefined);
});
