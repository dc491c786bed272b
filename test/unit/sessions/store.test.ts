import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryFiles } from '../../fakes/memoryFiles';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { newsOf } from '../../../src/sessions/news';
import { problemOf } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { HeldJournal } from '../../fakes/heldJournal';
import { keyOf } from '../../fakes/keys';
import { settled } from '../../fakes/manualClock';
import { SERVER, KEY, phasesOf, readyOf, sessionId, setup } from '../../fakes/setup';
import { machineWire, sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const FORBIDDEN = answer(403, { detail: 'Insufficient balance for requested operation' });

test('the first refresh says what there is, whose it is and when it was true', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  assert.equal(store.snapshot.kind, 'loading');

  await store.refresh();

  const ready = readyOf(store.snapshot);
  assert.equal(ready.account.userId, 'user-me');
  assert.equal(ready.keySource, 'stored');
  assert.equal(ready.asOf, clock.now());
  assert.deepEqual(
    ready.machines.map(({ name }) => name),
    ['Workhorse'],
  );
  assert.deepEqual(phasesOf(ready), ['one ready']);
});

test('without a key nobody is signed in and nothing is asked', async () => {
  const { api, keys, store } = setup();
  keys.key = undefined;

  await store.refresh();

  assert.deepEqual(store.snapshot, { kind: 'signedOut' });
  assert.equal(api.calls.length, 0);
});

test('a failed refresh keeps the rows, says why, and says when it is tried again', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  const before = readyOf(store.snapshot);

  await clock.advance(MINUTE);
  for (const list of ['GET /sessions', 'GET /machines/all']) api.fail(list, FORBIDDEN);
  await store.refresh();

  const { problem, ...rest } = readyOf(store.snapshot);
  assert.deepEqual(rest, before, 'also the time at which it was true');
  assert.equal(problem?.error.message, 'Insufficient balance for requested operation');
  assert.equal(problem.failures, 1);
  assert.equal(problem.retryAt, clock.now() + 3_750);
});

test('a failure before anything is known is all that there is to show', async () => {
  const { api, clock, store } = setup();
  for (const list of ['GET /sessions', 'GET /machines/all'])
    api.fail(list, ...Array.from({ length: 3 }, () => answer(503, '')));

  await clock.finish(store.refresh());

  assert.equal(store.snapshot.kind, 'failed');
  assert.equal(problemOf(store.snapshot)?.error.kind, 'busy');
});

test('one failure after the other waits longer, up to five minutes, and a success forgets them', async () => {
  const { api, clock, store } = setup();
  const waits: number[] = [];
  for (let n = 0; n < 9; n++) {
    api.fail('GET /sessions', FORBIDDEN);
    await store.refresh();
    waits.push((problemOf(store.snapshot)?.retryAt ?? 0) - clock.now());
  }
  assert.deepEqual(waits.slice(0, 3), [3_750, 7_500, 15_000]);
  assert.equal(waits.at(-1), 225_000, 'three quarters of the longest, by the luck we hold');

  await store.refresh();
  assert.equal(problemOf(store.snapshot), undefined);
  api.fail('GET /sessions', FORBIDDEN);
  await store.refresh();
  assert.equal(problemOf(store.snapshot)?.failures, 1);
});

test('the server may ask for a longer rest than we would take', async () => {
  const { api, clock, store } = setup();
  api.fail('GET /sessions', answer(429, '', { 'retry-after': '120' }));

  await store.refresh();

  assert.equal(problemOf(store.snapshot)?.retryAt, clock.now() + 120_000);
});

test('the server cannot keep us away for more than an hour', async () => {
  const { api, clock, store } = setup();
  api.fail('GET /sessions', answer(429, '', { 'retry-after': '864000' }));

  await store.refresh();

  assert.equal(problemOf(store.snapshot)?.retryAt, clock.now() + 3_600_000);
});

test('an address that cannot be used is not tried again by itself', async () => {
  const { api, settings, store } = setup();
  settings.baseUrl = 'http://api.example.org';

  await store.refresh();

  assert.equal(store.snapshot.kind, 'failed');
  assert.equal(problemOf(store.snapshot)?.error.kind, 'misconfigured');
  assert.equal(problemOf(store.snapshot)?.retryAt, undefined);
  assert.equal(api.calls.length, 0);
});

test('a rejected key signs out, and is not touched', async () => {
  const { api, keys, store } = setup();
  await store.refresh();
  const { key } = keys;
  api.fail('GET /sessions', answer(401, { detail: 'Revoked token' }));

  await store.refresh();

  assert.deepEqual(store.snapshot, { kind: 'signedOut', reason: 'rejected' });
  assert.equal(keys.key, key);
});

test('a key whose time is over has expired rather than been rejected', async () => {
  const { api, clock, keys, store } = setup();
  const expiresAt = clock.now() + 10 * MINUTE;
  keys.key = { token: keyOf({ user_id: 'user-me', exp: expiresAt / 1_000 }), source: 'stored', server: SERVER };
  const reject = async () => {
    api.fail('GET /sessions', answer(401, { detail: 'Invalid or expired token' }));
    await store.refresh();
    return store.snapshot;
  };

  assert.deepEqual(await reject(), { kind: 'signedOut', reason: 'rejected' });
  await clock.advance(10 * MINUTE);
  assert.deepEqual(await reject(), { kind: 'signedOut', reason: 'expired' });
});

test('a key that the server takes again is signed in again', async () => {
  const { api, store } = setup();
  api.fail('GET /sessions', answer(401, ''));
  await store.refresh();

  await store.refresh();

  assert.equal(store.snapshot.kind, 'ready');
});

test('who asks while an answer is on its way waits for that one', async () => {
  const { api, store } = setup();
  const release = api.hold('GET /sessions');

  const both = Promise.all([store.refresh(), store.refresh()]);
  await settled();
  release();
  await both;

  assert.equal(api.count('GET /sessions'), 1);
});

test('an answer older than a write is dropped', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  const shown: (readonly string[])[] = [];
  store.onDidChange((snapshot) => shown.push(phasesOf(snapshot)));
  const release = api.hold('GET /sessions');
  const early = store.refresh();
  await settled();

  await store.end(sessionId('one'));
  release();
  await early;

  assert.deepEqual(shown, [['one ending'], ['one ending']]);
});

test('a refresh that a write has overtaken is given up, and is no failure', async () => {
  const { api, clock, log, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  await settled();
  const { pending } = clock;
  api.fail('GET /sessions', { kind: 'silent' });
  const early = store.refresh();
  await settled();

  await store.end(sessionId('one'));
  await early;

  assert.equal(problemOf(store.snapshot), undefined);
  assert.doesNotMatch(log.lines.join(), /failed/);
  assert.ok(clock.pending <= pending, 'no alarm is left of it');
});

test('an answer for the account before is dropped', async () => {
  const { api, clock, keys, app, store } = setup();
  api.sessions = [sessionWire('theirs', clock.now())];
  const release = api.hold('GET /sessions');
  const early = store.refresh();
  await settled();

  keys.key = { token: keyOf({ user_id: 'user-other' }), source: 'environment', server: SERVER };
  app.life.reset();
  api.sessions = [];
  release();
  await early;
  assert.deepEqual(store.snapshot, { kind: 'loading' });

  await store.refresh();
  assert.equal(readyOf(store.snapshot).account.userId, 'user-other');
  assert.equal(readyOf(store.snapshot).keySource, 'environment');
  assert.deepEqual(phasesOf(store.snapshot), []);
});

test('nothing of the account before is shown, looked up, or mourned', async () => {
  const { api, clock, ended, keys, app, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  await store.create({ machineId: readyOf(store.snapshot).machines[0]!.id, gpu: 'T4', minutes: 15 });
  await store.end(sessionId('one'));

  keys.key = { token: keyOf({ user_id: 'user-other' }), source: 'stored', server: SERVER };
  app.life.reset();
  api.sessions = [];
  api.calls.length = 0;
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), []);
  assert.deepEqual(ended, []);
  assert.deepEqual(
    api.calls.map(({ path }) => path),
    ['/machines/all', '/sessions'],
  );
});

test('rows that cannot be read are counted and named, and the rest is shown', async () => {
  const { api, clock, store } = setup();
  api.machines = [machineWire(), { id: 'broken' }];
  api.sessions = [sessionWire('one', clock.now(), { gpu: 7 }), sessionWire('two', clock.now())];

  await store.refresh();

  const { skipped, machines } = readyOf(store.snapshot);
  assert.deepEqual(
    machines.map(({ id, hosting }) => [id, hosting.kind]),
    [
      ['machine-1', 'able'],
      ['broken', 'unable'],
    ],
    'it is there, whatever it is',
  );
  assert.deepEqual(phasesOf(store.snapshot), ['two ready']);
  assert.equal(skipped.length, 2);
  assert.match(skipped.join(), /name: .*gpu: /);
});

test('nothing is said after dispose', async () => {
  const { api, app, store } = setup();
  const said: Snapshot[] = [];
  store.onDidChange((snapshot) => said.push(snapshot));
  const release = api.hold('GET /sessions');
  const early = store.refresh();
  await settled();

  app.life.dispose();
  release();
  await early;

  assert.deepEqual(said, []);
});

test('neither the key nor a session address is ever logged', async () => {
  const { api, clock, log, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  api.fail('GET /sessions', { kind: 'cut' }, { kind: 'cut' }, { kind: 'cut' });
  await clock.finish(store.refresh());
  api.fail('POST /session', { kind: 'lost' });
  await clock.finish(store.create({ machineId: readyOf(store.snapshot).machines[0]!.id, gpu: 'T4', minutes: 15 }));

  const said = log.lines.join('\n');
  assert.match(said, /sessions could not be read \(offline\)/);
  for (const secret of [KEY, 'tunnel.test', 'api.test']) assert.ok(!said.includes(secret), secret);
});

/** A snapshot that another window shared. */
const shared = (store: Parameters<typeof readyOf>[0], round: number, sessions: readonly string[]) => {
  const { machines, asOf, skipped, sessions: known } = readyOf(store);
  const shown = known.filter(({ id }) => sessions.includes(id));
  const gone = known.filter(({ id }) => !sessions.includes(id)).map(({ id }) => ({ id, why: 'elsewhere' as const }));
  return { round, machines, asOf, skipped, sessions: shown, gone, problem: undefined, serverNow: asOf, localNow: asOf };
};

test('what another window learnt in an older look does not take this one back', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now()), sessionWire('two', clock.now())];
  await store.refresh();
  const both = store.snapshot;
  await store.take(shared(both, 9, ['one']));
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  await store.take(shared(both, 8, ['one', 'two']));
  assert.deepEqual(phasesOf(store.snapshot), ['one ready'], 'number 8 came later, and is older');
});

test('a look of our own that is overtaken by a newer one of another window is dropped', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now()), sessionWire('two', clock.now())];
  await store.refresh();
  const both = store.snapshot;
  const release = api.hold('GET /sessions');
  const early = store.refresh();
  await settled();
  await store.take(shared(both, 99, ['one']));
  release();
  await early;
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('who asks while an answer is on its way gets one to their own question', async () => {
  const { api, clock, store } = setup();
  const release = api.hold('GET /sessions');
  const early = store.refresh();
  await settled();
  api.sessions = [sessionWire('one', clock.now())];
  const late = store.refresh();
  await settled();
  assert.equal(api.count('GET /sessions'), 1, 'never two at once');
  release();
  await early;
  assert.deepEqual(phasesOf(store.snapshot), [], 'as it stood when it was asked');
  await late;
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.equal(api.count('GET /sessions'), 2);
});

test('a disk that never answers is reported, and does not keep this window from asking once it does', async () => {
  const ledger = new HeldJournal();
  const others = memoryFiles();
  const { api, clock, store } = setup((name) => (name === 'intents.jsonl' ? ledger : others(name)));
  await store.refresh();
  api.sessions = [sessionWire('one', clock.now())];
  ledger.hold();
  const early = store.refresh();
  const late = settled().then(() => store.refresh());
  await clock.advance(60_000);
  await Promise.all([early, late]);
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a key store that never answers is reported after a while, and asked again', async () => {
  const { api, clock, keys, store } = setup();
  await store.refresh();
  keys.isSilent = true;
  const stuck = store.refresh();
  await clock.advance(5 * 60_000);
  await stuck;
  assert.match(problemOf(store.snapshot)?.error.message ?? '', /storage does not answer/);
  assert.equal(problemOf(store.snapshot)?.failures, 1);
  keys.isSilent = false;
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.equal(problemOf(store.snapshot), undefined);
});

test('a look that finds nothing new is no news, and reads no row again; one new row is the only new object', async () => {
  const { api, clock, app, store } = setup();
  api.sessions = ['one', 'two', 'three'].map((id) => sessionWire(id, clock.now()));
  await store.refresh();
  const first = readyOf(store.snapshot);
  const news: unknown[] = [];
  newsOf(store)((now) => news.push(now));

  await clock.advance(MINUTE);
  await store.refresh();
  const second = readyOf(store.snapshot);
  assert.ok(second.asOf > first.asOf);
  assert.deepEqual([second.machines === first.machines, second.sessions === first.sessions, news], [true, true, []]);

  api.sessions = api.sessions.map((wire) => (wire['session_id'] === 'two' ? { ...wire, gpu: 'B200' } : wire));
  await store.refresh();
  const third = readyOf(store.snapshot);
  assert.deepEqual(
    third.sessions.map((session, index) => session === first.sessions[index]),
    [true, false, true],
  );
  assert.equal(news.length, 1);
  app.life.dispose();
});
