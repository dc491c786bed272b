import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryFiles } from '../../fakes/memoryFiles';
import { doubtOf } from '../../../src/sessions/doubt';
import { findSession } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { machineId, phasesOf, sessionId, setup, setupServer } from '../../fakes/setup';
import { eventWire as row, machineWire, naive, sessionWire } from '../../fakes/wire';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const EVENTS = 'GET /machine/machine-1/events';
const ONE = sessionId('one');

/** An account whose prices are known, a moment after VS Code has started. */
async function setupAccount(files = memoryFiles(), server = setupServer()) {
  await server.clock.advance(1_234); // the server writes a full minute without seconds
  const world = setup(files, undefined, server);
  const { clock, app, store } = world;
  await app.money.prices.refresh();
  const look = async () => {
    await store.refresh();
    await settled();
  };
  await look();
  const { history } = app.money;
  return { ...world, look, files, server, born: clock.now(), receipt: (id = ONE) => history.receipts.get(id) };
}

test('a session that lived and ended while its create was not answered has a receipt, with the figures of the bill', async () => {
  const { api, clock, app, store } = await setupAccount();
  await clock.advance(20 * SECOND);
  const start = clock.now();
  const release = api.hold('POST /session');
  const creating = store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 2 });
  await settled();
  clock.jump(10 * MINUTE); // the lid is closed
  api.finish('created-1');
  api.events = [row('created-1', start, start + 2 * MINUTE)];
  release();
  const id = await clock.finish(creating);
  await settled();

  const receipt = app.money.history.receipts.get(id);
  assert.deepEqual([receipt?.opened.machine, receipt?.closed?.source], ['Workhorse', 'billed']);
  assert.equal(receipt?.closed?.cost, `${337_000 * 120}`);
});

test('a session that the list hides from this editor is found in the bill, shown, and written down', async () => {
  const { api, born, clock, store, receipt } = await setupAccount();
  api.sessions = [sessionWire('one', clock.now())];
  api.unlisted = ['one'];
  api.events = [row('one', born - MINUTE, undefined)];
  await clock.advance(15 * SECOND);
  await settled();
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.equal(receipt()?.opened.gpu, 'A10G');
});

test('what ran yesterday in another editor has a receipt here, too; what others ran has none, nor what never ran', async () => {
  const { api, born, clock, app } = await setupAccount();
  api.events = [
    row('one', born - 3 * HOUR, born - 2 * HOUR),
    row('theirs', born - 3 * HOUR, born - 2 * HOUR, { user_id: 'user-other' }),
    row('nobody', born - 3 * HOUR, born - 2 * HOUR, { user_id: null }),
    row('never', born - HOUR, born - HOUR, { created_at: naive(born - HOUR) }),
    { ...row('run', born - HOUR, born), session_id: null },
  ];
  await clock.advance(15 * SECOND);
  const { receipts } = app.money.history;
  assert.deepEqual([...receipts.keys()], ['one']);
  assert.equal(receipts.get(ONE)?.closed?.cost, `${337_000 * 3_600}`);
});

test('a container that runs on although its session was closed elsewhere is found', async () => {
  const { api, born, clock, store } = await setupAccount();
  const leaks: string[] = [];
  store.onDidLeak((id) => leaks.push(id));
  api.events = [row('one', born - MINUTE, born - 2 * MINUTE)];
  await clock.advance(15 * SECOND);
  await settled();
  assert.deepEqual([doubtOf(findSession(store.snapshot, ONE))?.kind, leaks], ['leaked', ['one']]);
});

test('a start that was ended elsewhere, and whose container comes up all the same, is found within half a minute of that', async () => {
  const { api, born, clock, look, store, receipt } = await setupAccount();
  await clock.advance(15 * SECOND);
  api.sessions = [sessionWire('one', clock.now(), { url: null })];
  await look();
  await look();
  assert.deepEqual(phasesOf(store.snapshot), ['one starting']);
  const leaks: unknown[] = [];
  store.onDidLeak((id) => leaks.push(doubtOf(findSession(store.snapshot, id))?.kind));
  api.finish('one'); // somebody ended it in the dashboard, before its container was known
  await look();
  assert.deepEqual(phasesOf(store.snapshot), []);
  const asked = api.count(EVENTS);
  await clock.advance(5 * MINUTE);
  assert.deepEqual(leaks, []);
  const often = api.count(EVENTS) - asked;
  assert.ok(often >= 10 && often <= 14, `twice a minute, not ${often} times`);
  api.events = [row('one', clock.now(), born)];
  await clock.advance(30 * SECOND);
  await settled();
  assert.deepEqual(leaks, ['leaked'], 'announced when the rows show it');
  assert.equal(receipt()?.closed, undefined, 'the history bills it');
  const startedAt = clock.now() - 30 * SECOND;
  api.events = [row('one', startedAt, clock.now() + HOUR)];
  await clock.advance(HOUR + 10 * MINUTE);
  await look();
  await settled();
  assert.deepEqual([receipt()?.closed?.source, receipt()?.closed?.cost], ['billed', `${337_000 * 3_630}`]);
  const after = api.count(EVENTS);
  await clock.advance(50 * MINUTE);
  assert.ok(api.count(EVENTS) - after < 5, 'not for ever');
});

test('a session that somebody ended before its create was answered is looked for in the bill, too', async () => {
  const { api, clock, look, store } = await setupAccount();
  await clock.advance(15 * SECOND);
  const began = clock.now();
  const release = api.hold('POST /session');
  const creating = store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 });
  await settled();
  await clock.advance(11 * SECOND); // the server waits ten seconds for the container
  api.finish('created-1');
  release();
  const id = await clock.finish(creating);
  await look();
  assert.deepEqual(phasesOf(store.snapshot), []);
  api.events = [row('created-1', clock.now(), began)];
  await clock.advance(31 * SECOND);
  await settled();
  assert.equal(doubtOf(findSession(store.snapshot, id))?.kind, 'leaked');
});

test('a figure that the server corrects is corrected here', async () => {
  const { api, born, clock, look, receipt } = await setupAccount();
  api.events = [row('one', born - 2 * HOUR, born - HOUR)];
  await clock.advance(15 * SECOND);
  assert.equal(receipt()?.closed?.cost, `${337_000 * 3_600}`);
  api.sessions = [sessionWire('two', clock.now(), { timeout_end: naive(clock.now() + 3 * HOUR) })];
  api.events = [row('one', born - 2 * HOUR, born - HOUR / 2)];
  await look();
  await clock.advance(HOUR);
  assert.equal(receipt()?.closed?.cost, `${337_000 * 5_400}`);
});

test('the bill is asked at the start, and hourly while something runs, not with every round', async () => {
  const { api, clock, look } = await setupAccount();
  for (let n = 0; n < 20; n++) {
    await clock.advance(30 * SECOND);
    await look();
  }
  assert.equal(api.count(EVENTS), 1, 'nothing runs');
  api.sessions = [sessionWire('two', clock.now(), { timeout_end: naive(clock.now() + 9 * HOUR) })];
  for (let n = 0; n < 3 * 12; n++) {
    await look();
    await clock.advance(5 * MINUTE);
  }
  assert.equal(api.count(EVENTS), 4);
});

test('a window that is opened after a crash compares with the bill once the lead of the dead one is free', async () => {
  const { api, app, born, clock, receipt } = await setupAccount();
  const { ofAccount, leadership } = app.windows;
  const dead = '00000000-0000-4000-8000-000000000000';
  const entry = { id: dead, beat: 1, isWatched: false, isFocused: false, inUse: [], saving: [] };
  const register = { holder: dead, windows: [entry], rounds: 1, told: { round: 1, version: 1 } };
  const journal = await ofAccount('windows')();
  await journal.exclusively(() => journal.replace(JSON.stringify(register), false));
  await leadership.look();
  assert.ok(leadership.isTaken);
  api.events = [row('one', born - 2 * HOUR, born - HOUR)];
  await clock.advance(50 * SECOND);
  assert.equal(api.count(EVENTS), 0, 'it may be alive');
  await clock.advance(3 * MINUTE);
  assert.equal(receipt()?.closed?.source, 'billed');
});

test('after a sleep it is asked again', async () => {
  const { api, clock, look } = await setupAccount();
  await clock.advance(15 * SECOND);
  await look();
  const before = api.count(EVENTS);
  clock.jump(8 * HOUR);
  await look();
  assert.equal(api.count(EVENTS), before + 1);
});

test('many machines are not asked at once, and a bill that fails is asked for later', async () => {
  const server = setupServer();
  server.api.machines = Array.from({ length: 40 }, (_, n) => machineWire({ id: `machine-${n}`, name: `Box ${n}` }));
  const { api, clock } = await setupAccount(memoryFiles(), server);
  const asked = () => api.calls.filter(({ path }) => path.endsWith('/events')).length;
  api.fail('GET /machine/machine-0/events', answer(403, { detail: 'no' }));
  await clock.advance(20 * SECOND);
  assert.equal(asked(), 10);
  await clock.advance(6 * MINUTE);
  assert.equal(asked(), 20);
});
