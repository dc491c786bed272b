import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import type { Store } from '../../../src/sessions/store';
import { answer, tooLate, type Fault } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { memoryFiles } from '../../fakes/memoryFiles';
import { machineId, phasesOf, setup } from '../../fakes/setup';
import { sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const REQUEST = { machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 };
const LOST: Fault = { kind: 'lost' };

test('a new session is asked for with its machine, its GPU and its minutes, and is shown at once', async () => {
  const { api, store } = setup();
  await store.refresh();

  const id = await store.create(REQUEST);

  const [post] = api.calls.filter(({ method }) => method === 'POST');
  assert.deepEqual(post?.body, { machine_id: 'machine-1', gpu: 'T4', timeout: 15, wait_for_server: false });
  assert.deepEqual(phasesOf(store.snapshot), [`${id} starting`]);
});

test('a new session that the list leaves out is looked up singly and stays', async () => {
  const { api, store } = setup();
  await store.refresh();
  api.unlisted = ['created-1'];

  await store.create(REQUEST);
  assert.deepEqual(phasesOf(store.snapshot), ['created-1 starting']);

  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), ['created-1 starting']);
});

test("a refusal is reported in the server's words, and no session is looked for", async () => {
  const { api, store } = setup();
  await store.refresh();
  api.fail('POST /session', answer(400, { detail: 'Free plan does not support concurrent sessions' }));

  await assert.rejects(store.create(REQUEST), { kind: 'refused', message: /^Free plan/ });

  assert.equal(api.count('GET /machine/machine-1/events'), 0);
});

test('a session whose answer was lost is found in the list', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('older', clock.now() - MINUTE, { gpu: 'T4', machine_id: 'machine-1' })];
  await store.refresh();
  for (const fault of [LOST, { kind: 'cut' }, { kind: 'silent' }, tooLate(502)] as const) {
    const before = api.sessions.length;
    api.fail('POST /session', fault);

    const id = await clock.finish(store.create(REQUEST));

    assert.equal(id, `created-${before}`);
    assert.equal(api.sessions.length, before + 1);
  }
});

test('a session that neither the answer nor the list shows is found on the bill of its machine', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  const event = { gpu: 'T4', created_at: new Date(clock.now()).toISOString(), start_time: null };
  api.events = [
    { ...event, session_id: 'ended', end_time: event.created_at },
    { ...event, session_id: 'old', end_time: null, created_at: '2029-12-31T10:00:00.000Z' },
    { ...event, session_id: 'other-gpu', end_time: null, gpu: 'H100' },
    { ...event, session_id: null, end_time: null },
    { ...event, session_id: 'created-1', end_time: null },
  ];
  api.unlisted = ['created-1'];
  api.fail('POST /session', LOST);

  assert.equal(await clock.finish(store.create(REQUEST)), 'created-1');
  assert.deepEqual(phasesOf(store.snapshot), ['created-1 starting']);
});

test('a session that shows up late is found late', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  api.unlisted = ['created-1'];
  api.fail('POST /session', LOST);

  const created = store.create(REQUEST);
  await clock.advance(3_000);
  api.unlisted = [];

  assert.equal(await clock.finish(created), 'created-1');
});

test('a session that was never created is reported as lost, with a warning before a second try', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  api.fail('POST /session', { kind: 'unreachable' });

  await assert.rejects(clock.finish(store.create(REQUEST)), {
    kind: 'offline',
    message: /could not be reached\. No new session has shown up so far\. .*second GPU/,
  });
});

test('a sentence of the server without its full stop still ends before ours begins', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  api.fail('POST /session', answer(500, { detail: 'Session creation failed' }));

  await assert.rejects(clock.finish(store.create(REQUEST)), { message: /^Session creation failed\. No new session/ });
});

test('a session of another person, machine, GPU or time is never taken for ours', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  api.fail('POST /session', { kind: 'unreachable' });

  const created = store.create(REQUEST);
  api.sessions = [
    sessionWire('other-gpu', clock.now(), { gpu: 'H100' }),
    sessionWire('other-machine', clock.now(), { gpu: 'T4', machine_id: 'machine-2' }),
    sessionWire('before', clock.now() - 10 * MINUTE, { gpu: 'T4' }),
    sessionWire('colleague', clock.now(), { gpu: 'T4', user_id: 'user-ada' }),
  ];

  await assert.rejects(clock.finish(created), ApiError);
});

test('the twin that was started a moment ago is never taken for the one that was lost', async () => {
  const { api, clock, store } = setup();
  await store.refresh();
  const twin = await store.create(REQUEST);
  api.events = [{ session_id: twin, gpu: 'T4', created_at: new Date(clock.now()).toISOString(), end_time: null }];
  api.fail('POST /session', { kind: 'unreachable' });

  await assert.rejects(clock.finish(store.create(REQUEST)), { kind: 'offline' });
});

test('a session that dies before it was ever seen is known to have failed, and is asked for no longer', async () => {
  const { api, ended, store } = setup();
  await store.refresh();
  api.unlisted = ['created-1'];
  api.fail('GET /session/created-1', answer(403, ''));
  const id = await store.create(REQUEST);

  api.finish(id);
  await store.refresh();
  assert.deepEqual(
    ended.map(({ session, why }) => [session.id, why]),
    [[id, 'failedToStart']],
  );

  await settled(); // one request for the bill
  const before = api.calls.length;
  await store.refresh();
  assert.equal(api.calls.length - before, 2, 'machines and sessions');
});

for (const [when, before] of [
  ['before the server was ever heard', (): Promise<void> => Promise.resolve()],
  ['right after the clock was set', (store: Store): Promise<void> => store.refresh()],
] as const)
  test(`a session whose answer was lost is found though it was asked for ${when}`, async () => {
    const { api, clock, store } = setup();
    api.clockOffset = 0;
    await before(store);
    clock.jump(90_000);
    api.clockOffset = -90_000;
    api.fail('POST /session', LOST);

    assert.equal(await clock.finish(store.create(REQUEST)), 'created-1');
    assert.equal(api.count('POST /session'), 1);
  });

test('what is wanted of a new session is known from its first moment, also where its answer was lost, and after a restart', async () => {
  for (const faults of [[], [LOST]]) {
    const files = memoryFiles();
    const { api, clock, store, app } = setup(files);
    await store.refresh();
    api.fail('POST /session', ...faults);

    const id = await clock.finish(store.create({ ...REQUEST, preferences: { lease: 1_000 } }));

    assert.deepEqual(app.appState().preferencesOf(id).lease, { since: 1_000 });
    const [post] = api.calls.filter(({ method }) => method === 'POST');
    assert.deepEqual(post?.body, { machine_id: 'machine-1', gpu: 'T4', timeout: 15, wait_for_server: false });
    const next = setup(files, undefined, { api, clock });
    await next.app.store.refresh();
    // reads the files
    await clock.finish(next.store.create({ machineId: machineId('machine-2'), gpu: 'T4', minutes: 5 }));
    assert.deepEqual(next.app.appState().preferencesOf(id).lease, { since: 1_000 });
  }
});
