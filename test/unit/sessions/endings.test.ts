import assert from 'node:assert/strict';
import test from 'node:test';
import { findSession, problemOf } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { machineId, phasesOf, sessionId, setup } from '../../fakes/setup';
import { naive, sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const FORBIDDEN = answer(403, { detail: 'Insufficient balance for requested operation' });

test('a session that leaves the list but not the bill is looked up and shown as ending', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  api.change('one', { timeout_end: null });
  await store.refresh();
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.deepEqual(ended, []);

  api.finish('one');
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), []);
  assert.deepEqual(
    ended.map(({ why }) => why),
    ['elsewhere'],
  );
});

test('a session that is only missing from the list for a moment stays as it is', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  api.unlisted = ['one'];
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.deepEqual(ended, []);
});

test('a session whose single look-up fails stays as it was', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  api.unlisted = ['one'];
  api.fail('GET /session/one', FORBIDDEN);
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.deepEqual(ended, []);
  assert.equal(problemOf(store.snapshot), undefined);
});

test('a key that is rejected during a single look-up signs out', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  api.unlisted = ['one'];
  api.fail('GET /session/one', answer(401, ''));
  await store.refresh();

  assert.equal(store.snapshot.kind, 'signedOut');
});

test('nothing is said to have ended by an answer that was not whole', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('gone', clock.now()), sessionWire('unlisted', clock.now())];
  await store.refresh();

  api.finish('gone');
  api.unlisted = ['unlisted'];
  api.fail('GET /session/unlisted', answer(401, ''));
  await store.refresh();

  assert.equal(store.snapshot.kind, 'signedOut');
  assert.deepEqual(ended, []);
});

test('the reason why a session ended is returned once', async () => {
  const { api, clock, ended, store } = setup();
  const now = clock.now();
  api.sessions = [
    sessionWire('due', now, { timeout_end: naive(now + 10_000) }),
    sessionWire('elsewhere', now),
    sessionWire('never-started', now, { url: null }),
    sessionWire('cancelled', now),
  ];
  await store.refresh();
  await store.end(sessionId('cancelled'));

  api.sessions = [];
  await store.refresh();
  await store.refresh();

  assert.deepEqual(Object.fromEntries(ended.map(({ session: { id }, why }) => [id, why])), {
    due: 'deadline',
    elsewhere: 'elsewhere',
    'never-started': 'failedToStart',
    cancelled: 'asked',
  });
  assert.equal(ended.length, 4);
});

test('a session that was seen stopping at its deadline has ended because of it', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  await clock.advance(30 * MINUTE);
  api.change('one', { timeout_end: null });
  await store.refresh();
  await store.refresh();

  api.finish('one');
  await store.refresh();

  assert.deepEqual(
    ended.map(({ why }) => why),
    ['deadline'],
  );
});

test('why a session of the account before ended says nothing of the next', async () => {
  const { api, clock, ended, app, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  api.change('one', { timeout_end: null });
  await store.refresh();

  app.life.reset();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  await clock.advance(30 * MINUTE);
  api.finish('one');
  await store.refresh();

  assert.deepEqual(
    ended.map(({ why }) => why),
    ['deadline'],
  );
});

test('a session that was ready and ends while nobody looks did not fail to start', async () => {
  const { api, clock, ended, app, store } = setup();
  api.sessions = [sessionWire('old', clock.now())];
  const born = await store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 });
  await store.refresh();
  assert.ok(findSession(store.snapshot, born));

  app.life.reset(); // another account is in use
  api.sessions = [];
  await clock.advance(20 * MINUTE);
  await store.refresh();

  assert.deepEqual(
    ended.map(({ session: { id }, why }) => [id, why]),
    [[born, 'elsewhere']],
  );
});

test('a window that saw a start fail knows better than one that only missed the session', async () => {
  const { api, clock, ended, store } = setup();
  api.sessions = [sessionWire('one', clock.now(), { url: null }), sessionWire('two', clock.now())];
  await store.refresh();
  const gone = ['one', 'two'].map((id) => ({ id: sessionId(id), why: 'elsewhere' as const }));
  const shared = { machines: [], sessions: [], skipped: [], problem: undefined, round: 9, gone };
  await store.take({ ...shared, asOf: clock.now(), serverNow: clock.now(), localNow: clock.now() });
  assert.deepEqual(
    ended.map(({ session: { id }, why }) => [id, why]),
    [
      ['one', 'failedToStart'],
      ['two', 'elsewhere'],
    ],
  );
});

test('signing out ends no session', async () => {
  const { api, clock, ended, keys, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  keys.key = undefined;
  await store.refresh();

  assert.deepEqual(ended, []);
});
