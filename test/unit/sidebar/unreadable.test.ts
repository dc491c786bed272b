import assert from 'node:assert/strict';
import test from 'node:test';
import { look } from '../../../src/spending/settling';
import { buildText } from '../../../src/sidebar/machineText';
import { machineTooltip, sessionTooltip } from '../../../src/sidebar/tooltips';
import { buildOf, untilBuilt } from '../../../src/sessions/builds';
import { findSession } from '../../../src/sessions/snapshot';
import { settled } from '../../fakes/manualClock';
import { machineId, phasesOf, readyOf, sessionId, setup, setupOne } from '../../fakes/setup';
import { machineWire, naive, sessionWire, type Wire } from '../../fakes/wire';

const MINUTE = 60_000;
const GARBLED: readonly Wire[] = [{ status: 7 }, { name: null }, { id: { hex: 'x' } }];

for (const fields of GARBLED)
  test(`a machine stays as it was when ${Object.keys(fields).join()} of its row cannot be read`, async () => {
    const { api, clock, store, app, log } = setup();
    api.machines = [machineWire({ status: 'building', updated_at: naive(clock.now()) })];
    await store.refresh();
    const giveUp = new AbortController();
    const one = { id: machineId('machine-1'), name: 'Workhorse' };
    const waiting = untilBuilt(store, one, () => app.appState().now, giveUp.signal);

    api.machines = [machineWire({ status: 'ready', ...fields })];
    await store.refresh();
    await store.refresh();

    const { machines, skipped } = readyOf(store.snapshot);
    assert.deepEqual(
      machines.map(({ id, status }) => [id, status]),
      [['machine-1', 'building']],
    );
    assert.equal(skipped.length, 1);
    const said = log.lines.filter((line) => line.includes('not read'));
    assert.equal(said.length, 1, 'once, not each round');
    assert.match(said[0] ?? '', new RegExp(`^GET /machines/all: not read: a row \\(${Object.keys(fields).join()}: `));

    api.machines = [machineWire({ status: 'ready' })];
    await store.refresh();
    assert.equal((await waiting).id, 'machine-1', 'and is waited for until it is built');
  });

test('a date that cannot be read costs a machine its age and nothing else', async () => {
  const { api, store, app, log } = setup();
  const dates = ['yesterday', '2030/01/01 12:00', 'Tue Jan 1 2030', 1_893_499_200, { at: 'noon' }, null, true];
  const rows = (status: string) => dates.map((at, nr) => machineWire({ id: `m-${nr}`, status, updated_at: at }));
  for (const [status, build, text] of [
    ['ready', 'built', 'ready'],
    ['building', 'building', 'building'],
    ['error', 'failed', 'failed'],
  ] as const) {
    api.machines = rows(status);
    await store.refresh();
    const { machines, skipped } = readyOf(store.snapshot);
    const { now } = app.appState();
    assert.deepEqual(skipped, []);
    assert.deepEqual(
      machines.map((one) => [buildOf(one, now), buildText(one, now), one.updatedAt]),
      dates.map(() => [build, text, undefined]),
    );
    for (const one of machines) assert.ok(!JSON.stringify(machineTooltip(one, app.appState())).includes('Changed'));
  }
  assert.match(log.lines.join('\n'), /not read: updated_at/);
});

test('a machine that is in no row is gone, whatever cannot be read of another one', async () => {
  const { api, store } = setup();
  api.machines = [machineWire(), machineWire({ id: 'machine-2' })];
  await store.refresh();
  api.machines = [machineWire({ name: 5 })];
  await store.refresh();
  assert.deepEqual(
    readyOf(store.snapshot).machines.map(({ id }) => id),
    ['machine-1'],
  );
});

test('a session whose row cannot be read is looked up singly, and never counts as ended', async () => {
  const { api, clock, store, ended } = await setupOne();
  api.change('one', { gpu: null });
  api.sessions = [...api.sessions, sessionWire('two', clock.now())];
  await store.refresh();

  assert.deepEqual([...phasesOf(store.snapshot)].sort(), ['one ready', 'two ready']);
  assert.deepEqual(ended, []);
  assert.ok(api.count('GET /session/one') > 0);
});

test('a session that is unreadable in the list only is shown as the single request returns it', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  api.fail('GET /sessions', {
    kind: 'answer',
    status: 200,
    body: [sessionWire('one', clock.now(), { created_at: 'now' })],
  });
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a deadline that cannot be read is the one that was known, and no sign of an end', async () => {
  const { api, store } = await setupOne();
  const before = findSession(store.snapshot, sessionId('one'));
  for (const unlisted of [[], ['one']]) {
    api.unlisted = unlisted;
    api.change('one', { timeout_end: { at: 'noon' }, url: 8, machine_id: [] });
    await store.refresh();
    const { unread, ...after } = findSession(store.snapshot, sessionId('one')) ?? {};
    assert.deepEqual(after, before);
    assert.deepEqual(unread, ['endsAt', 'url', 'machineId']);
  }
});

test('a bill with a row that cannot be read leaves open whether a session was billed', async () => {
  const { api, clock, app, store } = await setupOne();
  await clock.advance(MINUTE);
  api.finish('one');
  const receipt = {
    opened: { sessionId: sessionId('one'), machineId: machineId('machine-1') },
  } as unknown as Parameters<typeof look>[1][number];
  const kinds = [];
  for (const events of [
    [{ session_id: 'one', created_at: 'today' }],
    [{ session_id: null, created_at: 'today' }],
    [{ session_id: 'two', created_at: 'today' }],
    [{ session_id: 'one', created_at: naive(clock.now()), end_time: { at: 'noon' } }],
  ]) {
    api.events = events;
    kinds.push((await look(app.api, [receipt])).get(sessionId('one'))?.kind);
  }
  assert.deepEqual(kinds, ['open', 'open', 'unbilled', 'open']);
  store.dispose();
});

test('a create without an answer is not given up while a row that may be its session cannot be read', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  api.fail('POST /session', { kind: 'unreachable' });
  const failed = assert.rejects(store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 }));
  await clock.advance(20_000);
  await failed;
  const isOpen = async () => {
    await clock.advance(3 * MINUTE);
    await store.refresh();
    return readyOf(store.snapshot).isUnsettled === true;
  };
  api.sessions = [{ session_id: 'new', gpu: null, timeout_end: 'later' }];
  assert.equal(await isOpen(), true);
  api.sessions = [];
  assert.equal(await isOpen(), false);
});

test('a session whose beginning cannot be read is shown, billed and guarded, and nothing is made up', async () => {
  const { api, clock, store, app } = setup();
  const began = clock.now();
  await clock.advance(10 * MINUTE);
  await app.money.prices.refresh();
  api.sessions = [sessionWire('one', began, { created_at: 'soon', gpu_event_id: 7 })];
  await clock.finish(store.refresh());

  const snapshot = readyOf(store.snapshot);
  const [one] = snapshot.sessions;
  assert.ok(one);
  assert.deepEqual([snapshot.skipped, phasesOf(snapshot), one.createdAt], [[], ['one ready'], undefined]);
  const byLabel = new Map(sessionTooltip(one, snapshot, app.appState()).lines);
  assert.equal(byLabel.get('Cost'), 'at least about $0.21 so far, at least about $0.61 in total');
  assert.equal(app.money.spending()().of(one.id), 337_000n * 600n, 'by its deadline and its length');
  assert.equal(store.hasToGuard, true);

  await clock.finish(app.money.recorder.note(one.id, { kind: 'kept', why: 'asked' }));
  api.sessions = [sessionWire('one', began - 5 * MINUTE)];
  await clock.finish(store.refresh());
  await settled();
  const receipt = app.money.history.receipts.get(one.id);
  assert.equal(receipt?.opened.createdAt, began - 5 * MINUTE, 'once it can be read, it counts');
});

test('where neither its beginning nor its length can be read, it counts from when it was first seen', async () => {
  const { api, clock, store, app } = setup();
  api.sessions = [sessionWire('one', clock.now() - MINUTE, { created_at: {}, timeout: 'long', timeout_end: [] })];
  await clock.finish(store.refresh());
  await app.money.prices.refresh();
  await settled();
  const seen = clock.now();
  await clock.advance(MINUTE);
  const [one] = readyOf(store.snapshot).sessions;
  assert.ok(one);
  assert.equal(app.money.spending()().of(one.id), (337_000n * BigInt(clock.now() - seen)) / 1_000n);
});

test('a beginning that was known is not forgotten when it cannot be read any more', async () => {
  const { api, clock, store } = await setupOne();
  const began = clock.now();
  api.change('one', { created_at: false });
  await store.refresh();
  assert.equal(findSession(store.snapshot, sessionId('one'))?.createdAt, began);
});
