import assert from 'node:assert/strict';
import test from 'node:test';
import type { Files, Journal } from '../../../src/platform/journal';
import { memoryFiles } from '../../fakes/memoryFiles';
import { ReceiptRecorder, type Note } from '../../../src/spending/receiptRecorder';
import { History } from '../../../src/spending/history';
import { costOfReceipt, type Receipt } from '../../../src/spending/receipts';
import { answer } from '../../fakes/faults';
import { HeldJournal } from '../../fakes/heldJournal';
import { ManualClock, settled } from '../../fakes/manualClock';
import { closed, opened } from '../../fakes/receipts';
import { LogBook, machineId, SERVER, sessionId, setup } from '../../fakes/setup';
import { eventWire as row, naive, sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ONE = sessionId('one');
const EVENTS = 'GET /machine/machine-1/events';

/** A session of ours that is seen, and its price known. */
async function setupSeen(files: Files = memoryFiles()) {
  const world = setup(files);
  const { api, clock, app, store } = world;
  api.sessions = [sessionWire('one', clock.now())];
  const look = async () => {
    await store.refresh();
    await settled();
  };
  await app.money.prices.refresh();
  await look();
  const receipt = (): Receipt | undefined => app.money.history.receipts.get(ONE);
  return { ...world, look, receipt, recorder: app.money.recorder, files };
}

/** The same account after the editor was reopened and has refreshed. */
async function reopened({ files, api, clock }: Awaited<ReturnType<typeof setupSeen>>) {
  const after = setup(files);
  Object.assign(after.api, { sessions: api.sessions, events: api.events, machines: api.machines });
  await after.clock.advance(clock.now() - after.clock.now());
  await after.store.refresh();
  await settled();
  return { ...after, closed: () => after.app.money.history.receipts.get(ONE)?.closed };
}

/** A window that is not the leader, which does not write. */
function setupApart() {
  let isLeader = false;
  const files = memoryFiles();
  const { api, clock, log, store } = setup(memoryFiles());
  const serverTime = clock;
  const history = new History({ journal: files('history.jsonl'), scope: async () => 'cafe', serverTime, clock, log });
  const client = { getSession: never, listMachineEvents: never };
  const recorder = new ReceiptRecorder({
    store,
    api: client,
    history,
    serverTime,
    clock,
    log,
    prices: () => undefined,
    usageOf: () => undefined,
    isLeader: () => isLeader,
  });
  const setMine = (is: boolean) => void (isLeader = is);
  const look = async () => {
    await store.refresh();
    await settled();
  };
  return { api, clock, store, files, history, look, setMine, note: (note: Note) => recorder.note(ONE, note) };
}

const never = () => Promise.reject(new Error('nobody asked'));

test('a session of ours is written down at first sight, with its machine and price', async () => {
  const { receipt, files, clock } = await setupSeen();
  const { opened, endsAt } = receipt() ?? {};
  assert.deepEqual([opened?.machine, opened?.gpu, opened?.price], ['Workhorse', 'A10G', 337_000]);
  assert.equal(endsAt, clock.now() + 30 * MINUTE);
  const text = await files('history.jsonl').read();
  assert.doesNotMatch(text, /https?:|tunnel|eyJ/);
});

test("sessions of other members are nobody's receipt", async () => {
  const { api, clock, look, app } = await setupSeen();
  api.sessions = [...api.sessions, sessionWire('two', clock.now(), { user_id: 'user-other' })];
  await look();
  assert.deepEqual([...app.money.history.receipts.keys()], [ONE]);
});

test('looking again writes nothing', async () => {
  const { files, look } = await setupSeen();
  const text = await files('history.jsonl').read();
  for (let n = 0; n < 3; n++) await look();
  assert.equal(await files('history.jsonl').read(), text);
});

test('an end that moved without our doing was moved elsewhere', async () => {
  const { api, clock, look, receipt } = await setupSeen();
  api.change('one', { timeout_end: naive(clock.now() + 50 * MINUTE) });
  await look();
  assert.deepEqual(
    receipt()?.moved.map(({ by, minutes }) => [by, minutes]),
    [['elsewhere', 20]],
  );
});

test('whoever moves an end says so, once, whether or not it was seen before', async () => {
  const { store, recorder, look, receipt } = await setupSeen();
  await store.extend(ONE, 15);
  await recorder.note(ONE, { kind: 'extended', by: 'guardian', why: 'rendering' });
  await recorder.note(ONE, { kind: 'extended', by: 'guardian', why: 'rendering' });
  await look();
  assert.deepEqual(
    receipt()?.moved.map(({ by, minutes, why }) => [by, minutes, why]),
    [['guardian', 15, 'rendering']],
  );
  assert.deepEqual(receipt()?.kept, ['rendering']);
});

test('the end is what the server bills, asked for by whom the note says', async () => {
  const { api, clock, store, recorder, look, receipt } = await setupSeen();
  const start = clock.now() + 1_001;
  await clock.advance(10 * MINUTE);
  await recorder.note(ONE, { kind: 'ended', by: 'idle', idleMinutes: 10 });
  await store.end(ONE);
  api.events = [row('one', start, start + 10 * MINUTE)];
  api.finish('one');
  await look();
  const { closed } = receipt() ?? {};
  assert.deepEqual([closed?.startedAt, closed?.endedAt], [start, start + 10 * MINUTE]);
  assert.deepEqual([closed?.source, closed?.why, closed?.cost], ['billed', 'idle', '202200000']);
  assert.equal(receipt()?.askedToEnd?.idleMinutes, 10);
});

test('while the bill cannot be had the receipt holds an estimate, and it is asked again', async () => {
  const { api, clock, look, receipt } = await setupSeen();
  const start = clock.now() + 1_001;
  await clock.advance(30 * MINUTE + 4_000);
  api.finish('one');
  api.fail(EVENTS, answer(403, ''));
  api.events = [row('one', start, undefined)];
  await look();
  assert.deepEqual([receipt()?.closed?.source, receipt()?.closed?.why], ['seen', 'deadline']);
  assert.equal(costOfReceipt(receipt()!), 606_600_000n, 'no more than up to its end');

  api.events = [row('one', start, start + 29 * MINUTE)];
  await clock.advance(HOUR);
  assert.deepEqual([receipt()?.closed?.source, receipt()?.closed?.why], ['billed', 'deadline']);
  assert.equal(clock.pending, 0);
});

test('a bill that is to be asked again is asked although the clock was set back a day', async () => {
  const { api, clock, look, receipt } = await setupSeen();
  const start = clock.now() + 1_001;
  await clock.advance(30 * MINUTE + 4_000);
  api.finish('one');
  api.events = [row('one', start, undefined)];
  await look();
  assert.equal(receipt()?.closed?.source, 'seen');
  api.events = [row('one', start, start + 29 * MINUTE)];
  clock.jump(-24 * HOUR);
  await clock.advance(MINUTE);
  assert.equal(receipt()?.closed?.source, 'billed');
});

test('a session that ended while the editor was closed is settled by the bill', async () => {
  const world = await setupSeen();
  const start = world.clock.now() + 1_001;
  world.api.finish('one');
  world.api.events = [row('one', start, start + 7 * MINUTE)];
  await world.clock.advance(3 * HOUR);
  const closed = (await reopened(world)).closed();
  assert.deepEqual([closed?.endedAt, closed?.source, closed?.why], [start + 7 * MINUTE, 'billed', 'elsewhere']);
});

test('without any trace of its end it is taken to have lasted to its end, as an estimate', async () => {
  const world = await setupSeen();
  const opened = world.clock.now();
  world.api.finish('one');
  await world.clock.advance(48 * HOUR);
  const closed = (await reopened(world)).closed();
  assert.deepEqual([closed?.endedAt, closed?.source, closed?.why], [opened + 30 * MINUTE, 'seen', 'lost']);
});

test('what the list hides but the server still knows stays open', async () => {
  const world = await setupSeen();
  world.api.change('one', { timeout_end: null });
  const { closed, app } = await reopened(world);
  assert.ok(app.money.history.receipts.get(ONE));
  assert.equal(closed(), undefined);
});

test("the server's own figure counts where it is near the list price, and nowhere else", async () => {
  for (const [cost, expected] of [
    [0.2, '200000000'],
    [20.2, '202200000'],
    [0, '202200000'],
  ]) {
    const { api, clock, look, receipt } = await setupSeen();
    const start = clock.now() + 1_001;
    await clock.advance(10 * MINUTE);
    api.events = [row('one', start, start + 10 * MINUTE, { cost })];
    api.finish('one');
    await look();
    assert.equal(receipt()?.closed?.cost, expected);
  }
});

test('a price that was learnt only later is written down as well', async () => {
  const { api, clock, app, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  await settled();
  const price = () => app.money.history.receipts.get(ONE)?.opened.price;
  assert.equal(price(), undefined);
  await app.money.prices.refresh();
  await settled();
  assert.equal(price(), 337_000);
});

test('where the server leaves out the seconds, what was seen in that minute counts', async () => {
  const { api, clock, look, receipt } = await setupSeen();
  const start = clock.now();
  await clock.advance(10 * MINUTE + 20_000);
  api.finish('one');
  api.events = [row('one', start, start + 10 * MINUTE)];
  await look();
  const { closed } = receipt() ?? {};
  assert.deepEqual([closed?.source, closed?.endedAt], ['billed', start + 10 * MINUTE + 20_000]);
});

test('a window whose turn it is not reads, and writes only what it alone knows', async () => {
  const { api, clock, note, store, files, look } = setupApart();
  api.sessions = [sessionWire('one', clock.now())];
  await look();
  assert.equal(await files('history.jsonl').read(), '');
  await store.extend(ONE, 15);
  await note({ kind: 'kept', why: 'rendering' });
  const text = await files('history.jsonl').read();
  assert.match(text, /"kind":"opened".*"kind":"kept"/);
});

test('a note about a session of somebody else is no line', async () => {
  const { api, clock, recorder, files, look } = await setupSeen();
  api.sessions = [...api.sessions, sessionWire('two', clock.now(), { user_id: 'user-other' })];
  await look();
  const text = await files('history.jsonl').read();
  await recorder.note(sessionId('two'), { kind: 'ended', by: 'you' });
  assert.equal(await files('history.jsonl').read(), text);
});

test('the bill is not asked about what is too old to stand in it', async () => {
  const world = await setupSeen();
  world.api.finish('one');
  await world.clock.advance(48 * HOUR);
  const first = await reopened(world);
  assert.equal(first.api.count(EVENTS), 1, 'it was open until now');
  const second = await reopened(world);
  assert.equal(second.api.count(EVENTS), 0);
});

test('a disk that fails costs no receipt as long as the window lives, and the next line holds what is missing', async () => {
  const disk = { isFull: false };
  const shared = memoryFiles();
  const files = (name: string): Journal => ({
    ...bound(shared(name)),
    append: (line) => (disk.isFull ? Promise.reject(new Error('ENOSPC')) : shared(name).append(line)),
  });
  const { api, clock, look, receipt, recorder } = await setupSeen(files);
  disk.isFull = true;
  await clock.advance(10 * MINUTE);
  api.finish('one');
  await look();
  assert.equal(receipt()?.closed?.source, 'seen');
  disk.isFull = false;
  await recorder.note(ONE, { kind: 'kept', why: 'rendering' });
  assert.match(await shared('history.jsonl').read(), /"kind":"closed"/);
});

test('a bill that falls due in a window that only follows by then gives it no unrest', async () => {
  const { api, clock, look, setMine } = setupApart();
  setMine(true);
  api.sessions = [sessionWire('one', clock.now())];
  await look();
  api.finish('one');
  await look();
  setMine(false);
  let hurries = 0;
  const after = clock.after.bind(clock);
  clock.after = (ms, run) => {
    if (ms > 0) return after(ms, run);
    return hurries++ < 50 ? after(ms, run) : { dispose: () => undefined };
  };
  await clock.advance(5 * MINUTE);
  assert.ok(hurries < 5, `${hurries} times`);
});

test('a failed start stays one, also if the bill shows it first or another window missed it', async () => {
  const files = memoryFiles();
  const { api, clock, app, store } = setup(files);
  await app.money.prices.refresh();
  await store.refresh();
  await settled();
  await clock.advance(MINUTE);
  const start = clock.now();
  const release = api.hold('POST /session');
  const creating = store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 });
  await settled();
  api.finish('created-1');
  api.events = [row('created-1', start + 1_001, start + 3_002)];
  release();
  const id = await clock.finish(creating);
  await clock.advance(MINUTE);
  const closed = () => app.money.history.receipts.get(id)?.closed;
  assert.deepEqual([closed()?.source, closed()?.why], ['billed', 'failedToStart']);
});

test('a start that was seen and failed stands as that, whoever wrote it down before', async () => {
  for (const source of ['seen', 'billed'] as const) {
    const { api, clock, app, store } = setup();
    const { history } = app.money;
    api.sessions = [sessionWire('one', clock.now(), { url: null })];
    await store.refresh();
    await settled();
    const at = clock.now() + 10_000;
    await history.write(() => [closed('one', { at, endedAt: at, source, why: 'elsewhere' })]);
    await clock.advance(20_000);
    api.finish('one');
    await store.refresh();
    await settled();
    const { closed: end } = history.receipts.get(ONE) ?? {};
    assert.deepEqual([end?.source, end?.endedAt, end?.why], [source, at, 'failedToStart']);
  }
});

test('a start that failed before it could be written down has a receipt all the same', async () => {
  const { api, clock, look, setMine, history } = setupApart();
  api.sessions = [sessionWire('one', clock.now(), { url: null })];
  await look();
  api.finish('one');
  await look();
  setMine(true);
  await look();
  assert.equal(history.receipts.get(ONE)?.closed?.why, 'failedToStart');
});

test('what had its time while another account was in use ended by its deadline', async () => {
  const { api, clock, app, look, store } = await setupSeen();
  const id = await store.create({ machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 });
  await look();
  app.life.reset();
  api.finish(id);
  api.fail(EVENTS, answer(403, ''));
  await clock.advance(46 * MINUTE);
  await look();
  const { closed: end } = app.money.history.receipts.get(id) ?? {};
  assert.deepEqual([end?.source, end?.why], ['seen', 'deadline']);
});

test('the next account has a history of its own', async () => {
  const { keys, app, receipt, look, api } = await setupSeen();
  keys.key = { token: 'another', source: 'stored', server: SERVER };
  api.sessions = [];
  app.life.reset();
  assert.equal(receipt(), undefined);
  await look();
  assert.equal(receipt(), undefined);
});

const bound = (journal: Journal): Journal => ({
  read: () => journal.read(),
  append: (line) => journal.append(line),
  replace: (text) => journal.replace(text),
  exclusively: (work) => journal.exclusively(work),
  heartbeat: (who) => journal.heartbeat(who),
  heartbeats: (whom) => journal.heartbeats(whom),
  rest: (who) => journal.rest(who),
});

test("the server's own figure counts only where it is near ours, on either side", async () => {
  const ours = 0.337 * 3.6; // an hour of the recorded price, in dollars
  const recordedFor = async (cost: number) => {
    const world = await setupSeen();
    const { api, clock, look, receipt } = world;
    await clock.advance(1_234);
    const start = clock.now();
    await clock.advance(HOUR);
    api.finish('one');
    api.events = [row('one', start, start + HOUR, { cost })];
    await look();
    await look();
    const { closed } = receipt() ?? {};
    assert.equal(closed?.source, 'billed');
    return Number(closed.cost) / 1e9;
  };
  assert.equal(await recordedFor(ours / 4.1), ours, 'too little to be a bill');
  assert.equal(await recordedFor(ours * 4.1), ours, 'too much');
  assert.equal(await recordedFor(ours / 3.9), Math.round((ours / 3.9) * 1e9) / 1e9);
  assert.equal(await recordedFor(0), ours);
  assert.equal(await recordedFor(-ours), ours);
});

test('a reading of the history that took long takes back nothing of what was written meanwhile', async () => {
  const clock = new ManualClock();
  const journal = new HeldJournal();
  const open = () => new History({ journal, scope: async () => 'cafe', serverTime: clock, clock, log: new LogBook() });
  const [mine, other] = [open(), open()];
  const release = journal.hold();
  const early = mine.read();
  await settled();
  await other.write(() => [opened('one')]);
  const late = mine.read();
  await mine.write(() => [opened('two')]);
  release();
  await Promise.all([early, late]);
  assert.deepEqual([...mine.receipts.keys()], ['one', 'two']);
});
