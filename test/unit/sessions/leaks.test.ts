import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod/mini';
import { MachineEventWire } from '../../../src/comfydeploy/wire';
import { memoryFiles } from '../../fakes/memoryFiles';
import { look as lookAtBill } from '../../../src/spending/settling';
import { doubtText } from '../../../src/sessions/doubtText';
import { doubtOf } from '../../../src/sessions/doubt';
import { stateText } from '../../../src/sessions/sessionText';
import { isClosedAtBirth, isLeak, runsOn } from '../../../src/sessions/events';
import { untilReady } from '../../../src/sessions/waits';
import { findSession } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { machineId, phasesOf, readyOf, sessionId, setup, setupServer } from '../../fakes/setup';
import { naive, sessionUrl, sessionWire, type Wire } from '../../fakes/wire';
import recorded from '../../fixtures/machine-events.json';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const ONE = sessionId('one');
const DELETE = 'DELETE /session/one';
const REQUEST = { machineId: machineId('machine-1'), gpu: 'A10G', minutes: 30 };

type World = ReturnType<typeof setup>;

const look = async ({ clock, store }: Pick<World, 'clock' | 'store'>) => {
  await clock.finish(store.refresh());
  await settled();
};

const doubt = ({ store }: Pick<World, 'store'>, id = ONE) => doubtOf(findSession(store.snapshot, id));

/** A session of ours, started elsewhere a while ago, that has no page and no container yet. */
async function setupEarly(files = memoryFiles(), server = setupServer()) {
  const { clock, api } = server;
  await clock.advance(1_234); // the server writes a full minute without seconds
  api.sessions = [sessionWire('one', clock.now(), { url: null })];
  const born = clock.now();
  const row = (start: number, end: number | undefined): Wire => ({
    ...sessionWire('one', born),
    tunnel_url: start > born ? 'https://set.tunnel.test' : null,
    start_time: naive(start),
    end_time: end === undefined ? null : naive(end),
  });
  await clock.advance(20 * SECOND);
  const world = setup(files, undefined, server);
  await world.app.money.prices.refresh();
  await look(world);
  const leaks: string[] = [];
  world.store.onDidLeak((id) => leaks.push(id));
  return { ...world, files, server, born, row, leaks };
}

/** The server has closed it, since it knew no container. */
async function setupClosed(files = memoryFiles()) {
  const world = await setupEarly(files);
  const { api, born, clock, row, store } = world;
  api.fail(DELETE, answer(400, { detail: 'Modal function id not found' }));
  api.hold(DELETE)();
  api.finish('one');
  api.events = [row(born, born)];
  await clock.finish(store.end(ONE));
  await settled();
  return world;
}

test('of the recorded rows exactly those run on, or may, that did', () => {
  const rows = recorded.samples.flatMap(({ body }) => body.map((row) => z.parse(MachineEventWire, row)));
  const short = (ids: readonly (string | undefined)[]) => [...new Set(ids.map((id) => id?.slice(0, 8)))];
  assert.deepEqual(short(rows.filter(isLeak).map(({ sessionId: id }) => id)), ['8e29f7e6', '61ab788e']);
  assert.deepEqual(
    short(rows.filter((row) => runsOn(row) && !isLeak(row)).map(({ sessionId: id }) => id)),
    [undefined],
    'a run that has no end yet',
  );
  assert.deepEqual(short(rows.filter(isClosedAtBirth).map(({ sessionId: id }) => id)), ['7a766825']);
});

test('an end that only lacks its seconds lies before no start', () => {
  const start = Date.UTC(2030, 0, 1, 12, 0, 30);
  const row = { ...z.parse(MachineEventWire, recorded.samples[0]?.body[0]), createdAt: start - 1, startedAt: start };
  assert.equal(isLeak({ ...row, endedAt: start - 30 * SECOND }), false, 'in the same minute');
  assert.equal(isLeak({ ...row, endedAt: start - 90 * SECOND }), true);
  assert.equal(isLeak({ ...row, endedAt: start - 29_999 }), true);
});

test('an end that the server takes before it knows a container is no proof: it stays on screen, and is said', async () => {
  const world = await setupClosed();
  const { store, ended } = world;
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.deepEqual(ended, []);
  const session = readyOf(store.snapshot).sessions[0];
  assert.ok(session);
  assert.match(stateText(session, world.clock.now()), /may still be billed/);
  assert.equal(world.app.money.history.receipts.get(ONE)?.closed, undefined);
});

test('a leak is announced when the snapshot shows it, and nobody waits for the start any more', async () => {
  const world = await setupClosed();
  const { api, born, clock, row, store } = world;
  await clock.advance(10 * SECOND);
  const seen: unknown[] = [];
  store.onDidLeak((id) => seen.push(doubtOf(findSession(store.snapshot, id))?.kind));
  api.events = [row(clock.now(), born)];
  await look(world);
  assert.deepEqual(seen, ['leaked']);
  await assert.rejects(untilReady(store, ONE, new AbortController().signal), { name: 'NotStarted', why: 'asked' });
});

test('if its container never comes up, it is over after a while, and cost nothing', async () => {
  const world = await setupClosed();
  for (let minute = 0; minute < 14; minute++) {
    await world.clock.advance(MINUTE);
    await look(world);
  }
  assert.equal(doubt(world)?.kind, 'unproven');
  await world.clock.advance(2 * MINUTE);
  await look(world);
  await look(world);
  assert.deepEqual(phasesOf(world.store.snapshot), []);
  assert.deepEqual(
    world.ended.map(({ why }) => why),
    ['asked'],
  );
  const closed = world.app.money.history.receipts.get(ONE)?.closed;
  assert.deepEqual([closed?.source, closed?.cost], ['billed', '0']);
});

test('one that has no machine cannot be followed, which is said, with how long it may be billed', async () => {
  const world = await setupEarly();
  const { api, clock, store, ended, app } = world;
  api.change('one', { machine_id: null });
  await look(world);
  api.fail(DELETE, answer(400, { detail: 'Modal function id not found' }));
  api.hold(DELETE)();
  api.finish('one');
  const asked = api.count('GET /machine/machine-1/events');
  await clock.finish(store.end(ONE));
  await settled();

  const doubtful = doubt(world);
  const session = readyOf(store.snapshot).sessions[0];
  assert.ok(session && doubtful?.kind === 'unseen');
  assert.equal(doubtful.limit, clock.now() + 15 * MINUTE + 24 * HOUR);
  const text = doubtText(session, doubtful, { snapshot: store.snapshot, prices: app.money.prices.current });
  assert.match(text, /billed until .* at the latest, and can't be ended.* costs about \$1\.22 an hour\./);
  assert.equal(api.count('GET /machine/machine-1/events'), asked, 'no bill of another machine is asked');

  await clock.advance(14 * MINUTE);
  await look(world);
  assert.deepEqual([doubt(world)?.kind, ended], ['unseen', []]);
  await clock.advance(2 * MINUTE);
  await look(world);
  assert.deepEqual([phasesOf(store.snapshot), ended.length], [[], 1]);
});

test('one without a machine whose end the server takes is over when the server no longer knows it', async () => {
  const world = await setupEarly();
  world.api.change('one', { machine_id: null });
  await look(world);
  world.api.fail(DELETE, answer(200, { success: true }));
  world.api.finish('one');
  await world.clock.finish(world.store.end(ONE));
  assert.deepEqual([phasesOf(world.store.snapshot), world.ended.length], [[], 1]);
});

test('an end without a container is doubted, whatever the bill says of it yet', async () => {
  const world = await setupEarly();
  world.api.fail(DELETE, answer(400, { detail: 'Modal function id not found' }));
  world.api.finish('one');
  await world.clock.finish(world.store.end(ONE));
  assert.equal(doubt(world)?.kind, 'unproven');
});

test('what runs on is not billed to its end, which lies before its start', async () => {
  const { api, born, row, app } = await setupEarly();
  api.events = [row(born + MINUTE, born)];
  const receipt = app.money.history.receipts.get(ONE);
  assert.ok(receipt);
  assert.equal((await lookAtBill(app.api, [receipt])).get(ONE)?.kind, 'open');
});

test('nothing is over while the bill cannot be read', async () => {
  const world = await setupClosed();
  world.api.fail('GET /machine/machine-1/events', ...Array.from({ length: 90 }, () => answer(500, '')));
  for (let n = 0; n < 10; n++) {
    await world.clock.advance(3 * MINUTE);
    await look(world);
  }
  assert.equal(doubt(world)?.kind, 'unproven');
});

test('if its container starts, that is announced once, with its cost and what can be done, and shown until it has ended', async () => {
  const world = await setupClosed();
  const { api, born, clock, ended, leaks, row, store, app } = world;
  const start = born + 40 * SECOND;
  await clock.advance(MINUTE);
  api.events = [row(start, born)];
  await look(world);
  await clock.advance(10 * MINUTE);
  await look(world);

  assert.deepEqual(leaks, ['one']);
  const session = readyOf(store.snapshot).sessions[0];
  assert.ok(session);
  const doubtful = doubt(world);
  assert.deepEqual(doubtful, { kind: 'leaked', startedAt: start, until: start + 24 * HOUR });
  const text = doubtText(session, doubtful, { snapshot: store.snapshot, prices: app.money.prices.current });
  assert.match(text, /billed until .*dashboard.*support.*costs about \$1\.22 an hour\./);
  assert.match(text, /It has been running since .+, .+\. Its id is one\.$/);
  assert.equal(store.hasToGuard, true);
  const spending = app.money.spending()();
  assert.equal(spending.of(ONE), (337_000n * BigInt(clock.now() - start)) / 1_000n, 'it is reckoned as billed');

  api.events = [row(start, start + 2 * HOUR)];
  await clock.advance(2 * HOUR);
  await look(world);
  await look(world);
  assert.equal(ended.length, 1);
  assert.equal(app.money.history.receipts.get(ONE)?.closed?.cost, `${337_000 * 7_200}`);
  assert.deepEqual([leaks, phasesOf(store.snapshot)], [['one'], []]);
});

test('all of it survives a restart, and another window knows it, too', async () => {
  const files = memoryFiles();
  const { api, born, clock, app, row, server } = await setupClosed(files);
  app.life.dispose();
  const second = setup(files, undefined, server);
  const leaks: string[] = [];
  second.store.onDidLeak((id) => leaks.push(id));
  await look(second);
  assert.equal(doubt(second)?.kind, 'unproven');

  await clock.advance(MINUTE);
  api.events = [row(born + 30 * SECOND, born)];
  const third = setup(files, undefined, server);
  third.store.onDidLeak((id) => leaks.push(id));
  for (const world of [second, third]) await look(world);
  assert.deepEqual([doubt(second)?.kind, doubt(third)?.kind, leaks], ['leaked', 'leaked', ['one']]);
});

test('an answer that was lost hides no container: the bill is asked before the end is believed', async () => {
  const world = await setupEarly();
  const { api, born, row, clock, store, ended } = world;
  api.fail(DELETE, { kind: 'unreachable' }, answer(404, { detail: 'GPUEvent not found' }));
  api.finish('one');
  api.events = [row(born + 21 * SECOND, born)];
  await clock.finish(store.end(ONE));
  await settled();
  assert.deepEqual([doubt(world)?.kind, ended], ['leaked', []]);
});

test('an early end that the bill shows to be one is believed at once', async () => {
  const world = await setupEarly();
  const { api, clock, row, store, ended } = world;
  api.fail(DELETE, answer(200, { success: true }));
  api.finish('one');
  api.events = [row(clock.now(), clock.now())];
  await clock.finish(store.end(ONE));
  assert.deepEqual([phasesOf(store.snapshot), ended.length], [[], 1]);
});

test('a session whose request was answered late is ended when its container is known, also after a restart', async () => {
  const files = memoryFiles();
  const server = setupServer();
  const { api, clock } = server;
  const first = setup(files, undefined, server);
  await look(first);
  const release = api.hold('POST /session');
  const creating = first.store.create(REQUEST);
  await settled();
  await clock.advance(10_100);
  release();
  const id = await clock.finish(creating);
  await clock.advance(30 * SECOND);

  await clock.finish(first.store.end(id));
  assert.equal(doubt(first, id)?.kind, 'tooSoon');
  first.app.life.dispose();
  const second = setup(files, undefined, server);
  const rounds = async () => {
    await clock.advance(10 * SECOND);
    for (let n = 0; n < 2; n++) await look(second);
  };
  for (let n = 0; n < 3; n++) await rounds();
  assert.deepEqual([doubt(second, id)?.kind, api.count(`DELETE /session/${id}`)], ['tooSoon', 0]);

  const made = api.sessions.find((session) => session['id'] === id);
  api.events = [{ ...made, start_time: naive(clock.now()), end_time: null }];
  await rounds();
  assert.equal(api.count(`DELETE /session/${id}`), 1);
});

test('a session that had a page is stopping after its end was asked for, also if its create was answered late', async () => {
  const server = setupServer();
  const { api, clock } = server;
  const world = setup(memoryFiles(), undefined, server);
  await look(world);
  const release = api.hold('POST /session');
  const creating = world.store.create(REQUEST);
  await settled();
  await clock.advance(10_100);
  release();
  const id = await clock.finish(creating);
  api.change(id, { url: sessionUrl(id) });
  await look(world);
  await clock.finish(world.store.end(id));
  api.change(id, { timeout_end: null });
  api.unlisted = [id];
  await look(world);
  assert.deepEqual([phasesOf(world.store.snapshot), doubt(world, id)], [[`${id} ending`], undefined]);
});

test('a page is proof of a container', async () => {
  const world = await setupEarly();
  world.api.change('one', { url: sessionUrl('one') });
  await look(world);
  await world.clock.finish(world.store.end(ONE));
  assert.equal(world.api.count(DELETE), 1);
});

test('a session that was answered for at once is ended when the server has stored its container', async () => {
  const { api, clock, store } = setup();
  await clock.finish(store.refresh());
  const id = await clock.finish(store.create(REQUEST));
  const ends = store.end(id);
  await clock.advance(1_999);
  assert.equal(api.count(`DELETE /session/${id}`), 0);
  await clock.advance(1);
  assert.equal(api.count(`DELETE /session/${id}`), 1);
  await clock.finish(ends);
});

test('an end never waits for longer than the server itself does', async () => {
  const server = setupServer();
  const { api, clock } = server;
  const world = setup(memoryFiles(), undefined, server);
  await look(world);
  const release = api.hold('POST /session');
  const creating = world.store.create(REQUEST);
  await settled();
  await clock.advance(10_100);
  release();
  const id = await clock.finish(creating);
  await clock.finish(world.store.end(id));
  await clock.advance(11 * MINUTE);
  await look(world);
  assert.equal(api.count(`DELETE /session/${id}`), 1);
});
