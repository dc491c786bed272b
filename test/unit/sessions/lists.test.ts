import assert from 'node:assert/strict';
import test from 'node:test';
import { viewMessageOf, viewStateOf } from '../../../src/sidebar/viewState';
import { restAfter } from '../../../src/sessions/cadence';
import { seal, sealingKey, unseal } from '../../../src/sessions/sharedSnapshot';
import { problemOf } from '../../../src/sessions/snapshot';
import { untilReady } from '../../../src/sessions/waits';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { KEY, machineId, phasesOf, readyOf, sessionId, setup, type setupServer } from '../../fakes/setup';
import { machineWire, naive, sessionUrl, sessionWire, type Wire } from '../../fakes/wire';

const MINUTE = 60_000;
const SESSIONS = 'GET /sessions';
const MACHINES = 'GET /machines/all';
const EVENTS = 'GET /machine/machine-1/events';
const ONE = sessionId('one');
const BOX = machineId('machine-1');

/** The real server's answer while one session has no GPU. */
const broken = () => answer(500, 'Internal Server Error');

function breaks({ api }: Pick<ReturnType<typeof setupServer>, 'api'>, ...lists: readonly string[]): void {
  for (const list of lists) api.fail(list, ...Array.from({ length: 300 }, broken));
}

async function look({ clock, store }: Pick<ReturnType<typeof setup>, 'clock' | 'store'>): Promise<void> {
  await clock.finish(store.refresh());
  await settled();
}

/** One session of ours is known, and from now on the list of sessions fails. */
async function setupBroken(...lists: readonly string[]) {
  const world = setup();
  world.api.clockOffset = 0;
  world.api.sessions = [sessionWire('one', world.clock.now())];
  await world.app.money.prices.refresh();
  await look(world);
  breaks(world, ...(lists.length === 0 ? [SESSIONS] : lists));
  return world;
}

test('while the list of sessions fails, the machines are shown, and the sessions known are looked at singly', async () => {
  const world = await setupBroken();
  const { api, clock, store } = world;
  api.machines = [machineWire({ name: 'Renamed' })];
  api.change('one', { timeout_end: naive(clock.now() + 50 * MINUTE) });

  await look(world);

  const ready = readyOf(store.snapshot);
  assert.deepEqual(phasesOf(ready), ['one ready']);
  assert.deepEqual(
    ready.sessions.map((session) => 'endsAt' in session && session.endsAt),
    [Date.UTC(2030, 0, 1, 12, 50)],
  );
  assert.deepEqual(
    ready.machines.map(({ name }) => name),
    ['Renamed'],
  );
  assert.equal(ready.asOf, clock.now(), 'it was true just now');
  assert.equal(ready.problem?.unread, 'sessions');
});

test('the reason and what it costs to know are said in the view', async () => {
  const world = await setupBroken();
  await look(world);
  const { snapshot } = world.store;
  const text = viewMessageOf({ snapshot, localNow: world.clock.now() }) ?? '';
  assert.match(text, /^The list of sessions can't be read\. .*server error \(500\).* others may be missing\./);
  assert.doesNotMatch(text, /As of/);
});

test('an end that is found out singly is an end, and is billed', async () => {
  const world = await setupBroken();
  const { api, clock, ended, app, store } = world;
  await clock.advance(2 * MINUTE);
  api.finish('one');
  api.events = [
    {
      ...sessionWire('one', clock.now() - 2 * MINUTE),
      start_time: naive(clock.now() - 2 * MINUTE),
      end_time: naive(clock.now()),
    },
  ];

  await look(world);
  await look(world);

  assert.deepEqual(phasesOf(store.snapshot), []);
  assert.deepEqual(
    ended.map(({ session }) => session.id),
    ['one'],
  );
  assert.equal(app.money.history.receipts.get(ONE)?.closed?.source, 'billed');
});

test('a list of machines that fails hides no session, and the machines stay as they were', async () => {
  const world = await setupBroken(MACHINES);
  const { api, clock, store } = world;
  api.sessions = [...api.sessions, sessionWire('two', clock.now())];

  await look(world);

  const ready = readyOf(store.snapshot);
  assert.deepEqual(phasesOf(ready), ['one ready', 'two ready']);
  assert.deepEqual(
    ready.machines.map(({ name }) => name),
    ['Workhorse'],
  );
  assert.equal(ready.problem?.unread, 'machines');
  assert.match(viewMessageOf({ snapshot: ready, localNow: clock.now() }) ?? '', /^The list of machines can't be read/);
});

test('machines that were never read are not said to be none', async () => {
  const world = setup();
  breaks(world, MACHINES);
  await look(world);
  assert.equal(viewStateOf({ snapshot: world.store.snapshot, showUnavailable: true }), 'offline');
});

test('with both lists failing, what is known by its id is true all the same', async () => {
  const world = await setupBroken(SESSIONS, MACHINES);
  const { api, clock, ended, store } = world;
  await clock.advance(MINUTE);
  await look(world);
  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
  assert.deepEqual([readyOf(store.snapshot).problem?.unread, readyOf(store.snapshot).asOf], ['both', clock.now()]);

  api.finish('one');
  await look(world);
  assert.equal(ended.length, 1);
});

test('with both lists failing and nothing else to ask, nothing is new', async () => {
  const world = setup();
  await look(world);
  const { asOf } = readyOf(world.store.snapshot);
  breaks(world, SESSIONS, MACHINES);
  await world.clock.advance(MINUTE);
  await look(world);
  assert.equal(readyOf(world.store.snapshot).asOf, asOf);
  assert.equal(problemOf(world.store.snapshot)?.unread, undefined);
});

test('a session that cannot be looked at either stays as it was', async () => {
  const world = await setupBroken();
  breaks(world, 'GET /session/one');
  await look(world);
  assert.deepEqual(phasesOf(world.store.snapshot), ['one ready']);
  assert.deepEqual(world.ended, []);
});

test('a session that is started meanwhile is found, waited for, written down, and no failure', async () => {
  const world = await setupBroken();
  const { api, clock, store, app } = world;

  const id = await clock.finish(store.create({ machineId: BOX, gpu: 'A10G', minutes: 2 }));
  const ready = untilReady(store, id, new AbortController().signal);
  api.change(id, { url: sessionUrl(id) });
  await look(world);

  assert.equal((await ready).id, id);
  assert.ok(phasesOf(store.snapshot).includes(`${id} ready`));
  assert.equal(app.money.history.receipts.get(id)?.opened.machine, 'Workhorse');
});

test('a create without an answer is found by the bill alone, never sent twice, and ends in a receipt', async () => {
  const world = await setupBroken();
  const { api, clock, store, app } = world;
  api.fail('POST /session', { kind: 'lost' });
  const creating = store.create({ machineId: BOX, gpu: 'A10G', minutes: 2 });
  await settled();
  const made = api.sessions.find(({ id }) => id === 'created-1') ?? {};
  api.events = [{ ...made, start_time: naive(clock.now()), end_time: null } satisfies Wire];

  const id = await clock.finish(creating);
  assert.deepEqual([id, api.count('POST /session')], ['created-1', 1]);
  await clock.advance(2 * MINUTE);
  api.finish(id);
  api.events = [{ ...made, start_time: naive(clock.now() - 2 * MINUTE), end_time: naive(clock.now()) }];
  await look(world);
  await look(world);
  assert.equal(app.money.history.receipts.get(id)?.closed?.cost, `${337_000 * 120}`);
});

test('a request that left no trace does not block its machine for as long as the list fails', async () => {
  const world = await setupBroken();
  const { api, clock, store } = world;
  const request = { machineId: BOX, gpu: 'A10G', minutes: 2 };
  api.fail('POST /session', { kind: 'unreachable' });
  await assert.rejects(clock.finish(store.create(request)), { kind: 'offline' });

  await clock.advance(5 * MINUTE);
  await assert.rejects(clock.finish(store.create(request)), /still unanswered/, 'its container may be queued still');
  await clock.advance(11 * MINUTE);
  assert.equal(await clock.finish(store.create(request)), 'created-1');
  assert.ok(api.count(EVENTS) > 0);
});

test('the sessions that are known are looked at as often as ever', async () => {
  const world = await setupBroken();
  for (let n = 0; n < 8; n++) await look(world);
  const { snapshot } = world.store;
  assert.equal(restAfter(snapshot, true, world.clock.now()), 15_000);
  await world.clock.finish(world.store.end(ONE));
  await look(world);
  assert.equal(restAfter(world.store.snapshot, true, world.clock.now()), 5_000);
});

test('other windows learn which list could not be read', async () => {
  const world = await setupBroken();
  await look(world);
  const { machines, sessions, asOf, skipped, problem } = readyOf(world.store.snapshot);
  const shared = { machines, sessions, asOf, skipped, problem, gone: [], round: 1, serverNow: asOf, localNow: asOf };
  const key = await sealingKey(KEY);
  assert.equal((await unseal(await seal(shared, key), key))?.problem?.unread, 'sessions');
});
