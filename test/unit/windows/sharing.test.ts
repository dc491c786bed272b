import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock } from '../../../src/platform/clock';
import type { Files } from '../../../src/platform/journal';
import { memoryFiles } from '../../fakes/memoryFiles';
import { isOwn, sessionsOf } from '../../../src/sessions/snapshot';
import { answer } from '../../fakes/faults';
import { keyOf } from '../../fakes/keys';
import { settled } from '../../fakes/manualClock';
import { KEY, SERVER, machineId, phasesOf, readyOf, sessionId } from '../../fakes/setup';
import { setupWindows, type OpenWindow } from '../../fakes/windows';
import { sessionUrl, sessionWire } from '../../fakes/wire';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIST = 'GET /sessions';

/** A running session and so many windows; the first one leads. */
async function setupWithSession(count: number, files?: Files) {
  const world = setupWindows(files);
  world.api.sessions = [sessionWire('one', world.clock.now())];
  const windows = await world.openAll(count);
  await world.clock.advance(SECOND);
  const [first, second] = windows as [OpenWindow, OpenWindow];
  return { ...world, windows, first, second };
}

/** The same rows in all windows. */
const phases = (windows: readonly OpenWindow[]) => [
  ...new Set(windows.map(({ store }) => phasesOf(store.snapshot).join())),
];

test('five windows ask as often as one', async () => {
  const { api, clock, windows, failures } = await setupWithSession(5);
  assert.equal(api.count(LIST), 1, 'four were told what the first one had learnt');
  assert.equal(windows.filter(({ leadership }) => leadership.isLeader).length, 1);

  api.calls.length = 0;
  await clock.advance(10 * MINUTE);
  assert.equal(api.count(LIST), 10, 'once a minute, as nobody looks');
  const ages = windows.map(({ store }) => clock.now() - readyOf(store.snapshot).asOf);
  assert.ok(Math.max(...ages) <= MINUTE + 3 * SECOND);
  assert.deepEqual(failures, []);
});

test('what one window learns, all others show within seconds', async () => {
  const { api, clock, windows } = await setupWithSession(3);
  api.sessions = [sessionWire('two', clock.now(), { url: null }), ...api.sessions];
  windows[0]!.rounds.wake();
  await clock.advance(2 * SECOND);
  assert.deepEqual(phases(windows), ['two starting,one ready']);
});

test('somebody who looks in one window makes the one that asks ask more often', async () => {
  const { api, clock, second } = await setupWithSession(2);
  second.presence.isWatched = true;
  await clock.advance(4 * SECOND);
  api.calls.length = 0;
  await clock.advance(10 * MINUTE);
  assert.equal(api.count(LIST), 40);
});

test('refreshing in a window that does not lead asks the server, and shares the result', async () => {
  const { api, clock, windows, second } = await setupWithSession(3);
  api.sessions = [sessionWire('two', clock.now()), ...api.sessions];
  second.rounds.wake();
  await settled();
  assert.equal(api.count(LIST), 2);
  await clock.advance(2 * SECOND);
  assert.deepEqual(phases(windows), ['two ready,one ready']);
  assert.equal(api.count(LIST), 2);
});

test('what another window has learnt by a clock that is ahead is asked anew by the one that acts on it', async () => {
  const { clock, open, first } = await setupWithSession(1);
  const ahead: Clock = {
    now: () => clock.now() + 2 * MINUTE,
    monotonic: () => clock.monotonic(),
    after: (ms, run) => clock.after(ms, run),
  };
  const other = open({ clock: ahead });
  await clock.advance(5 * SECOND);
  other.rounds.wake();
  await clock.advance(5 * SECOND);
  assert.equal(first.leadership.isLeader, true);
  assert.ok(clock.now() - readyOf(first.store.snapshot).asOf >= 0);
});

test('a session that is gone is over in every window, for the same reason', async () => {
  const { api, clock, windows, second } = await setupWithSession(3);
  await second.store.end(sessionId('one'));
  await clock.advance(4 * SECOND);
  assert.deepEqual(phases(windows), ['one ending']);
  api.finish('one');
  await clock.advance(10 * SECOND);
  for (const { ended, store } of windows) {
    assert.deepEqual(sessionsOf(store.snapshot), []);
    assert.deepEqual(
      ended.map(({ session, why }) => `${session.id} ${why}`),
      ['one asked'],
    );
  }
});

test('a window that missed what was shared in between still learns of the end', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  api.finish('one');
  for (let n = 0; n < 3; n++) await first.store.refresh();
  await clock.advance(2 * SECOND);
  assert.deepEqual(
    second.ended.map(({ session }) => session.id),
    ['one'],
  );
});

test('what another window says nothing of is kept and looked for, not taken for gone', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  const { machines, asOf, skipped } = readyOf(first.store.snapshot);
  const now = { serverNow: clock.now(), localNow: clock.now() };
  const shared = {
    round: 99,
    machines,
    asOf,
    skipped,
    sessions: [],
    gone: [],
    problem: undefined,
    work: new Map(),
    ...now,
  };
  assert.equal(await second.store.take(shared), false);
  assert.deepEqual(phasesOf(second.store.snapshot), ['one ready']);
  assert.equal(second.ended.length, 0);

  const gone = [{ id: sessionId('one'), why: 'deadline' } as const];
  assert.equal(await second.store.take({ ...shared, gone }), true);
  assert.deepEqual(
    second.ended.map(({ session, why }) => `${session.id} ${why}`),
    ['one deadline'],
  );
  assert.equal(api.count(LIST), 1);
});

test('a look that began before a write here does not undo what the write has shown', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  const release = api.hold(LIST);
  void first.store.refresh();
  await settled();
  const id = await second.store.create({ machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 });
  release();
  const shown: string[] = [];
  second.store.onDidChange((snapshot) => shown.push(phasesOf(snapshot).join()));
  await clock.advance(MINUTE);
  for (const rows of shown) assert.match(rows, new RegExp(id));
  assert.deepEqual(second.ended, []);
  assert.match(phasesOf(first.store.snapshot).join(), new RegExp(id));
});

test('a failure of the window that asks is shown in all of them, one of another window only there', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  const messages = () => [first, second].map(({ store }) => readyOf(store.snapshot).problem?.error.message);
  api.fail(LIST, answer(403, { detail: 'No credit' }));
  second.rounds.wake();
  await clock.advance(2 * SECOND);
  assert.deepEqual(messages(), [undefined, 'No credit']);

  api.fail(LIST, answer(403, { detail: 'No money' }));
  first.rounds.wake();
  await clock.advance(2 * SECOND);
  assert.deepEqual(messages(), ['No money', 'No money']);
  await clock.advance(MINUTE);
  assert.deepEqual(messages(), [undefined, undefined]);
});

test('a window that hears nothing for too long asks for itself', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  api.calls.length = 0;
  first.rounds.dispose(); // its heartbeats go on
  await clock.advance(2 * MINUTE);
  assert.equal(api.count(LIST), 0);
  await clock.advance(30 * SECOND);
  assert.equal(second.leadership.isLeader, false);
  assert.equal(api.count(LIST), 1);
});

test('with nothing to guard every window asks for itself, and hears all the same when another one begins something', async () => {
  const { api, clock, openAll } = setupWindows();
  const [one, two] = (await openAll(2)) as [OpenWindow, OpenWindow];
  await clock.advance(10 * MINUTE);
  assert.equal(one.leadership.isLeader || two.leadership.isLeader, false);
  const asked = api.count(LIST);

  await one.store.create({ machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 });
  await clock.advance(62 * SECOND);
  assert.equal(sessionsOf(two.store.snapshot).length, 1);
  assert.equal(one.leadership.isLeader, true);
  assert.ok(api.count(LIST) > asked);
});

test('a window that dies on the way to a session leaves it to the others', async () => {
  const { api, clock, openAll } = setupWindows();
  const [one, two] = (await openAll(2)) as [OpenWindow, OpenWindow];
  api.fail('POST /session', { kind: 'silent' });
  one.store.create({ machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 }).catch(() => undefined);
  await settled();
  one.close();
  assert.equal(sessionsOf(two.store.snapshot).length, 0);
  await clock.advance(MINUTE);
  assert.equal(sessionsOf(two.store.snapshot).length, 1);
});

test('a new window shows at once what another one has just learnt, and asks if that is old', async () => {
  const { api, clock, first, open } = await setupWithSession(1);
  api.calls.length = 0;
  const third = open();
  await settled();
  assert.deepEqual(phasesOf(third.store.snapshot), ['one ready']);
  assert.equal(isOwn(readyOf(third.store.snapshot).account, { userId: 'user-me' }), true);
  assert.equal(api.count(LIST), 0);
  third.close();
  first.close();

  await clock.advance(5 * MINUTE);
  api.calls.length = 0;
  open();
  await settled();
  assert.equal(api.count(LIST), 1);
});

test('whoever follows knows the time of the server as well', async () => {
  const { api, clock, openAll } = setupWindows();
  api.clockOffset = -3_600_000;
  api.sessions = [sessionWire('one', clock.now())];
  const windows = await openAll(2);
  await clock.advance(SECOND);
  for (const { app } of windows) {
    const { now, localNow } = app.appState();
    assert.ok(Math.abs(now - localNow + 3_600_000) <= 1_000);
  }
});

test('neither a key nor an address can be read in the files, nor what a window with another key shares', async () => {
  const { files, names } = recordingFiles();
  const { clock, first, second } = await setupWithSession(2, files);
  for (const name of names) {
    const text = await files(name).read();
    assert.ok(text.length > 0 || !name.startsWith('truth'));
    // Sealed content is random letters without dots and colons.
    assert.doesNotMatch(text, /https?:|eyJ[\w-]*\./);
    assert.ok([new URL(sessionUrl('one')).host, ...KEY.split('.')].every((secret) => !text.includes(secret)));
    if (name.startsWith('truth')) assert.doesNotMatch(text, /Workhorse/);
  }
  second.keys.key = { token: keyOf({ user_id: 'user-me', iat: 1_890_009_999 }), source: 'stored', server: SERVER };
  for (let n = 0; n < 3; n++) {
    first.rounds.wake();
    await clock.advance(2 * SECOND);
  }
  assert.equal(second.log.lines.filter((line) => line.includes('cannot be read here')).length, 1);
  await clock.advance(5 * MINUTE);
  assert.ok(clock.now() - readyOf(second.store.snapshot).asOf < 3 * MINUTE, 'so it asks for itself');
});

test('a sleep makes the window that asks ask at once', async () => {
  const { api, clock } = await setupWithSession(2);
  api.calls.length = 0;
  clock.jump(8 * 60 * MINUTE);
  await clock.advance(2 * SECOND);
  assert.equal(api.count(LIST), 1);
});

test('a window that is closed leaves the asking to another one at once', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  first.close();
  await clock.advance(2 * SECOND);
  assert.equal(second.leadership.isLeader, true);
  api.calls.length = 0;
  await clock.advance(MINUTE);
  assert.equal(api.count(LIST), 1);
});

function recordingFiles() {
  const names = new Set<string>();
  const all = memoryFiles();
  const files: Files = (name) => {
    names.add(name);
    return all(name);
  };
  return { files, names };
}

test('a slow refresh does not take a window back behind what another one has shared meanwhile', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  const release = api.hold(LIST);
  const slow = second.store.refresh();
  await settled();
  api.sessions = [sessionWire('two', clock.now()), ...api.sessions];
  await first.store.refresh();
  await clock.advance(3 * SECOND);
  assert.deepEqual([...phasesOf(second.store.snapshot)].sort(), ['one ready', 'two ready'], 'it was told');
  const shown: string[] = [];
  second.store.onDidChange((snapshot) => shown.push(phasesOf(snapshot).join()));
  release();
  await slow;
  assert.deepEqual([...phasesOf(second.store.snapshot)].sort(), ['one ready', 'two ready']);
  assert.ok(!shown.includes('one ready'), 'not for a moment');
});

test('what another window has shared does not take this one back behind its own later refresh', async () => {
  const { api, clock, first, second } = await setupWithSession(2);
  const older = (await first.app.windows.sharing.read())!;
  api.sessions = [sessionWire('two', clock.now()), ...api.sessions];
  await second.store.refresh();
  assert.equal(await second.store.take(older), true);
  assert.deepEqual([...phasesOf(second.store.snapshot)].sort(), ['one ready', 'two ready']);
});
