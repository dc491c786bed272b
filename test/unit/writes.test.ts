import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/core/api/errors';
import { answer, tooLate, type Fault } from '../fakes/faults';
import { machineId, phasesOf, readyOf, sessionId, setup } from '../fakes/setup';
import { naive, sessionWire } from '../fakes/wire';

const MINUTE = 60_000;
const REQUEST = { machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 };
const LOST: Fault = { kind: 'lost' };

async function setupOne(overrides = {}) {
  const world = setup();
  world.api.sessions = [sessionWire('one', world.clock.now(), overrides)];
  await world.store.refresh();
  return world;
}

const endOf = ({ store }: Pick<ReturnType<typeof setup>, 'store'>, id: string) => {
  const session = readyOf(store.snapshot).sessions.find((one) => one.id === id);
  return session && 'endsAt' in session ? session.endsAt : undefined;
};

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

test('a refusal is told in the words of the server, and nothing is looked for', async () => {
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

test('a session that neither answer nor list tell of is found on the bill of its machine', async () => {
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

test('whatever happens to the answers, a session is asked for once', async () => {
  const faults = fc.constantFrom<Fault>(
    LOST,
    { kind: 'cut' },
    { kind: 'silent' },
    { kind: 'stalled' },
    { kind: 'unreachable' },
    answer(500, 'Internal Server Error'),
    answer(429, '', { 'retry-after': '1' }),
    tooLate(502),
  );
  const some = fc.array(faults, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(faults, some, some, async (post, lists, events) => {
      const { api, clock, store } = setup();
      await store.refresh();
      api.fail('POST /session', post);
      api.fail('GET /sessions', ...lists);
      api.fail('GET /machine/machine-1/events', ...events);

      await clock.finish(store.create(REQUEST)).catch(() => undefined);
      await clock.advance(60_000);

      assert.equal(api.count('POST /session'), 1);
    }),
    { numRuns: 25 },
  );
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

  const before = api.calls.length;
  await store.refresh();
  assert.equal(api.calls.length - before, 2, 'machines and sessions');
});

test('an extension is proven by reading the session back', async () => {
  const world = await setupOne();
  const before = endOf(world, 'one') ?? 0;

  const { session, movedBy } = await world.store.extend(sessionId('one'), 10);

  assert.equal(movedBy, 10 * MINUTE);
  assert.equal('endsAt' in session && session.endsAt, before + 10 * MINUTE);
  assert.equal(endOf(world, 'one'), before + 10 * MINUTE, 'the snapshot knows it too');
  assert.equal(world.api.count('POST /session/one/increase-timeout'), 1);
  assert.equal(world.api.count('POST /session/increase-timeout'), 0);
});

test('a yes of the server that moved nothing is no extension', async () => {
  const { api, store } = await setupOne();
  api.extendsTruly = false;

  await assert.rejects(store.extend(sessionId('one'), 10), { kind: 'refused', message: /the end did not move/ });
});

test('an extension whose answer was lost counts if the end has moved', async () => {
  const { api, store } = await setupOne();
  for (const fault of [LOST, { kind: 'cut' }] as const) {
    api.fail('POST /session/one/increase-timeout', fault);
    assert.equal((await store.extend(sessionId('one'), 10)).movedBy, 10 * MINUTE);
  }
  assert.equal(api.count('POST /session/one/increase-timeout'), 2);
});

test('an extension whose answer was lost fails if the end has not moved', async () => {
  const { api, store } = await setupOne();
  api.fail('POST /session/one/increase-timeout', { kind: 'unreachable' });

  await assert.rejects(store.extend(sessionId('one'), 10), { kind: 'offline' });

  assert.equal(api.count('POST /session/one/increase-timeout'), 1);
});

test('an extension that cannot be read back says that it may have happened', async () => {
  const { api, clock, store } = await setupOne();
  const extended = store.extend(sessionId('one'), 10);
  api.fail('GET /session/one', answer(200, sessionWire('one', clock.now())), ...[LOST, LOST, LOST]);

  await assert.rejects(clock.finish(extended), {
    kind: 'offline',
    message: /may have been extended.*before you try again/,
  });
});

test('a refused extension is told in the words of the server', async () => {
  const { api, store } = await setupOne();
  api.fail('POST /session/one/increase-timeout', answer(400, { detail: 'Session has not started yet' }));

  await assert.rejects(store.extend(sessionId('one'), 10), { message: 'Session has not started yet' });
});

test('an old machine, which never had a deadline, is extended the old way', async () => {
  const { api, store } = setup();
  await store.refresh();
  await store.create(REQUEST);
  api.change('created-1', { timeout_end: null });
  // What we saw being born with a deadline is stopping; what has none from the start is old.
  const old = setup();
  old.api.sessions = [sessionWire('old', old.clock.now(), { timeout_end: null })];
  old.api.fail('POST /session', answer(200, { session_id: 'old', url: null }));
  await old.store.create(REQUEST);
  assert.deepEqual(phasesOf(old.store.snapshot), ['old undated']);

  const { session, movedBy } = await old.store.extend(sessionId('old'), 10);

  assert.equal(movedBy, undefined);
  assert.equal(session.timeout, 40);
  assert.deepEqual(old.api.calls.find(({ path }) => path === '/session/increase-timeout')?.body, {
    machine_id: 'machine-1',
    session_id: 'old',
    timeout: 10,
    gpu: 'A10G',
  });
});

test('an old machine that says yes and does nothing is not believed either', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('old', clock.now(), { timeout_end: null })];
  api.fail('POST /session', answer(200, { session_id: 'old', url: null }));
  await store.create(REQUEST);
  api.extendsTruly = false;

  await assert.rejects(store.extend(sessionId('old'), 10), { message: /the end did not move/ });

  await store.cancel(sessionId('old'));
  await assert.rejects(store.extend(sessionId('old'), 10), { kind: 'missing' });
  assert.equal(api.count('POST /session/increase-timeout'), 1, 'not once it is ending');
});

test('a session that is stopping is never extended the old way, which could start another GPU', async () => {
  const cancelled = await setupOne();
  await cancelled.store.cancel(sessionId('one'));
  await assert.rejects(cancelled.store.extend(sessionId('one'), 10), { kind: 'missing' });

  const stopped = await setupOne();
  stopped.api.change('one', { timeout_end: null }); // by somebody else, and we have not seen it yet
  await assert.rejects(stopped.store.extend(sessionId('one'), 10), { kind: 'missing' });

  for (const { api } of [cancelled, stopped]) assert.equal(api.count('POST /session/increase-timeout'), 0);
});

test('giving up before an extension was sent sends nothing', async () => {
  const { api, store } = await setupOne();

  await assert.rejects(store.extend(sessionId('one'), 10, AbortSignal.abort()), { name: 'AbortError' });

  assert.equal(api.count('POST /session/one/increase-timeout'), 0);
});

test('a cancelled session is shown as ending at once, and until the server knows it no longer', async () => {
  const { api, ended, store } = await setupOne();
  const release = api.hold('DELETE /session/one');

  const cancelled = store.cancel(sessionId('one'));
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  release();
  await cancelled;
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.deepEqual(ended, []);

  api.finish('one');
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), []);
  assert.deepEqual(
    ended.map(({ why }) => why),
    ['cancelled'],
  );
});

test('a session that is gone already counts as cancelled', async () => {
  const { api, ended, store } = await setupOne();
  api.finish('one');

  await store.cancel(sessionId('one'));

  assert.deepEqual(
    ended.map(({ why }) => why),
    ['cancelled'],
  );
});

test('a session without a container is closed by the very call that complains of it', async () => {
  const { api, store } = await setupOne();
  api.fail('DELETE /session/one', answer(400, { detail: 'Modal function id not found' }));

  await store.cancel(sessionId('one'));
});

test('a session that could not be cancelled is not shown as ending', async () => {
  const { api, store } = await setupOne();
  api.fail('DELETE /session/one', answer(403, { detail: 'no' }));

  await assert.rejects(store.cancel(sessionId('one')), { kind: 'forbidden' });

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a login page on the way cancels nothing', async () => {
  const { api, store } = await setupOne();
  api.fail('DELETE /session/one', answer(200, '<html>Sign in to the network</html>'));

  await assert.rejects(store.cancel(sessionId('one')), { kind: 'malformed' });

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a cancel that is sent again after a lost answer finds its work done', async () => {
  const { api, clock, store } = await setupOne();
  api.fail('DELETE /session/one', LOST);

  await clock.finish(store.cancel(sessionId('one')));

  assert.equal(api.count('DELETE /session/one'), 2);
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
});

test('moments of the server may come in microseconds: the end moves all the same', async () => {
  const { clock, store } = await setupOne({ timeout_end: '2030-01-01T12:30:00.999999' });
  assert.equal(clock.now(), Date.parse(`${naive(clock.now())}Z`));

  assert.equal((await store.extend(sessionId('one'), 1)).movedBy, MINUTE);
});
