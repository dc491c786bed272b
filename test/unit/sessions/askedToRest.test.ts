import assert from 'node:assert/strict';
import test from 'node:test';
import { Rounds } from '../../../src/windows/round';
import { problemOf, sessionsOf } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { machineId, sessionId, setup } from '../../fakes/setup';
import { sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const SESSIONS = 'GET /sessions';
const MACHINES = 'GET /machines/all';
const DELETE = 'DELETE /session/one';
const ONE = sessionId('one');

const busy = () => answer(429, { detail: 'Too many requests' }, { 'retry-after': '3600' });
const many = <T>(one: () => T, count: number) => Array.from({ length: count }, one);

/** A window that refreshes by itself, and a session of ours that it knows. */
async function setupRounds(isBilled = true) {
  const world = setup();
  const { api, clock, app } = world;
  const { store, money } = app;
  const { leadership, sharing } = app.windows;
  api.clockOffset = 0;
  if (isBilled) api.sessions = [sessionWire('one', clock.now())];
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const rounds = new Rounds({ store, money, leadership, sharing, clock, failed, during: (round) => round() });
  rounds.start();
  await clock.advance(MINUTE / 2);
  return { ...world, failures, rounds };
}

for (const lists of [[SESSIONS], [MACHINES], [SESSIONS, MACHINES]]) {
  test(`an end is asked for again although ${lists.join(' and ')} asks for an hour of rest`, async () => {
    const { api, clock, failures, rounds, store } = await setupRounds();
    api.fail(DELETE, ...many(() => answer(503, 'down'), 3));
    for (const list of lists) api.fail(list, ...many(busy, 9));
    await assert.rejects(clock.finish(store.end(ONE)));
    const before = api.count(DELETE);

    await clock.advance(3 * MINUTE);

    assert.ok(api.count(DELETE) > before);
    assert.deepEqual(failures, []);
    rounds.dispose();
  });
}

test('an end is asked for again although nothing at all can be read', async () => {
  const { api, clock, rounds, store } = await setupRounds();
  api.fail(DELETE, ...many(() => answer(503, 'down'), 3));
  for (const read of [SESSIONS, MACHINES, 'GET /session/one']) api.fail(read, ...many(busy, 99));
  await assert.rejects(clock.finish(store.end(ONE)));
  const before = api.count(DELETE);

  await clock.advance(3 * MINUTE);

  assert.ok(api.count(DELETE) > before);
  rounds.dispose();
});

test('what is billed is looked at by its id although both lists ask for an hour of rest', async () => {
  const { api, clock, rounds, store } = await setupRounds();
  for (const list of [SESSIONS, MACHINES]) api.fail(list, ...many(busy, 99));
  await clock.advance(MINUTE);
  api.finish('one');

  await clock.advance(3 * MINUTE);

  assert.deepEqual(sessionsOf(store.snapshot), []);
  rounds.dispose();
});

test('a create without an answer is looked for although the list asks for an hour of rest', async () => {
  const { api, clock, rounds, store } = await setupRounds(false);
  api.fail('POST /session', { kind: 'lost' });
  for (const read of [SESSIONS, 'GET /machine/machine-1/events']) api.fail(read, ...many(busy, 8));
  const request = { machineId: machineId('machine-1'), gpu: 'A10G', minutes: 30 };
  await assert.rejects(clock.finish(store.create(request)));

  await clock.advance(10 * MINUTE);

  assert.equal(sessionsOf(store.snapshot).length, 1);
  rounds.dispose();
});

test('the server is left alone for as long as it asks while nothing is billed, and for a minute else', async () => {
  for (const [isBilled, rest] of [
    [false, 60 * MINUTE],
    [true, MINUTE],
  ] as const) {
    const { api, clock, rounds, store } = await setupRounds(isBilled);
    for (const list of [SESSIONS, MACHINES]) api.fail(list, ...many(busy, 2));
    await clock.finish(store.refresh());
    assert.equal(problemOf(store.snapshot)?.retryAt, clock.now() + rest);
    const asked = api.count(SESSIONS);
    await clock.advance(rest - 1_000);
    assert.equal(api.count(SESSIONS), asked);
    rounds.dispose();
  }
});
