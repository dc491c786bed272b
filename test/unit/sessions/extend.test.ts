import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, type Fault } from '../../fakes/faults';
import { machineId, phasesOf, readyOf, sessionId, setup, setupOne } from '../../fakes/setup';
import { naive, sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const REQUEST = { machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 };
const LOST: Fault = { kind: 'lost' };

const endOf = ({ store }: Pick<ReturnType<typeof setup>, 'store'>, id: string) => {
  const session = readyOf(store.snapshot).sessions.find((one) => one.id === id);
  return session && 'endsAt' in session ? session.endsAt : undefined;
};

/** A session on an old machine: the list never shows it, and only its creator knows it. */
async function setupOld() {
  const world = setup();
  world.api.sessions = [sessionWire('old', world.clock.now(), { timeout_end: null })];
  world.api.fail('POST /session', answer(200, { session_id: 'old', url: null }));
  await world.store.create(REQUEST);
  assert.deepEqual(phasesOf(world.store.snapshot), ['old undated']);
  return world;
}

test('an extension is proven by reading the session back', async () => {
  const world = await setupOne();
  const before = endOf(world, 'one') ?? 0;

  const { session } = await world.store.extend(sessionId('one'), 10);

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
  const world = await setupOne();
  const { api, store } = world;
  for (const fault of [LOST, { kind: 'cut' }] as const) {
    api.fail('POST /session/one/increase-timeout', fault);
    const before = endOf(world, 'one') ?? 0;
    const { session } = await store.extend(sessionId('one'), 10);
    assert.equal('endsAt' in session && session.endsAt, before + 10 * MINUTE);
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

test("a refused extension is reported in the server's words", async () => {
  const { api, store } = await setupOne();
  api.fail('POST /session/one/increase-timeout', answer(400, { detail: 'Session has not started yet' }));

  await assert.rejects(store.extend(sessionId('one'), 10), { message: 'Session has not started yet' });
});

test('an old machine, which never had a deadline, is extended the old way', async () => {
  const { api, store } = await setupOld();

  const { session } = await store.extend(sessionId('old'), 10);

  assert.ok(!('endsAt' in session));
  assert.equal(session.minutesAsked, 40);
  assert.deepEqual(api.calls.find(({ path }) => path === '/session/increase-timeout')?.body, {
    machine_id: 'machine-1',
    session_id: 'old',
    timeout: 10,
    gpu: 'A10G',
  });
});

test('an old machine that says yes and does nothing is not believed either', async () => {
  const { api, store } = await setupOld();
  api.extendsTruly = false;

  await assert.rejects(store.extend(sessionId('old'), 10), { message: /the end did not move/ });

  await store.end(sessionId('old'));
  await assert.rejects(store.extend(sessionId('old'), 10), { kind: 'missing' });
  assert.equal(api.count('POST /session/increase-timeout'), 1, 'not once it is ending');
});

test('a session that is stopping is never extended the old way, which could start another GPU', async () => {
  const cancelled = await setupOne();
  await cancelled.store.end(sessionId('one'));
  await assert.rejects(cancelled.store.extend(sessionId('one'), 10), { kind: 'missing' });

  const stopped = await setupOne();
  stopped.api.change('one', { timeout_end: null }); // by somebody else, and this window has not seen it yet
  await assert.rejects(stopped.store.extend(sessionId('one'), 10), { kind: 'missing' });

  for (const { api } of [cancelled, stopped]) assert.equal(api.count('POST /session/increase-timeout'), 0);
});

test('giving up before an extension was sent sends nothing', async () => {
  const { api, store } = await setupOne();

  await assert.rejects(store.extend(sessionId('one'), 10, AbortSignal.abort()), { name: 'AbortError' });

  assert.equal(api.count('POST /session/one/increase-timeout'), 0);
});

test('moments of the server may come in microseconds: the end moves all the same', async () => {
  const world = await setupOne({ timeout_end: '2030-01-01T12:30:00.999999' });
  const { clock, store } = world;
  const before = endOf(world, 'one') ?? 0;
  assert.equal(clock.now(), Date.parse(`${naive(clock.now())}Z`));

  const { session } = await store.extend(sessionId('one'), 1);
  assert.equal('endsAt' in session && session.endsAt - before, MINUTE);
});

test('an end is moved to a time, never beyond it, and what is there already is not added once more', async () => {
  const world = await setupOne();
  const before = endOf(world, 'one') ?? 0;
  const one = sessionId('one');

  await world.store.extend(one, { until: before + 9.9 * MINUTE });
  assert.equal(endOf(world, 'one'), before + 9 * MINUTE);

  const wanted = before + 20 * MINUTE;
  await Promise.all([1, 2, 3].map(() => world.clock.finish(world.store.extend(one, { until: wanted }))));
  assert.equal(endOf(world, 'one'), wanted);
  assert.equal(world.api.count('POST /session/one/increase-timeout'), 2);

  await world.store.extend(one, { until: before });
  assert.equal(endOf(world, 'one'), wanted, 'nothing is made shorter');
});

test('two editors that know nothing of each other move an end to one time', async () => {
  const world = await setupOne();
  const other = setup(undefined, undefined, { api: world.api, clock: world.clock });
  await other.store.refresh();
  const wanted = (endOf(world, 'one') ?? 0) + 12 * MINUTE;

  for (const { store } of [world, other, world]) await store.extend(sessionId('one'), { until: wanted });

  assert.equal(endOf(world, 'one'), wanted);
  assert.equal(world.api.count('POST /session/one/increase-timeout'), 1);
});
