import assert from 'node:assert/strict';
import test from 'node:test';
import { FrozenWindow, SharedFile } from '../../fakes/frozenWindows';
import { ManualClock, settled } from '../../fakes/manualClock';
import { sessionId } from '../../fakes/setup';

const SECOND = 1_000;

function setupWindows(count: number) {
  const world = new ManualClock();
  const file = new SharedFile();
  const open = () => new FrozenWindow(world, file);
  const windows = Array.from({ length: count }, open);
  const holders = () => windows.filter(({ leadership }) => leadership.isLeader);
  return { world, file, windows, open, holders };
}

test('of several windows one leads, and keeps it', async () => {
  const { world, windows, holders } = setupWindows(5);
  await settled();
  const [first] = holders();
  for (let n = 0; n < 30; n++) {
    await world.advance(SECOND);
    assert.deepEqual(holders(), [first]);
  }
  const answers = await world.finish(Promise.all(windows.map(({ leadership }) => leadership.confirm())));
  assert.equal(answers.filter(Boolean).length, 1);
});

test('after the death of the one that has it, another window leads within ten seconds', async () => {
  for (const ending of ['die', 'freeze'] as const) {
    const { world, windows, holders } = setupWindows(3);
    await world.advance(7.5 * SECOND);
    const [first] = holders();
    first?.[ending]();
    await world.advance(4 * SECOND);
    assert.deepEqual(
      windows.filter((one) => one !== first && one.leadership.isLeader),
      [],
      'not before the heartbeats have failed to come',
    );
    await world.advance(6 * SECOND);
    assert.equal(windows.filter((one) => one !== first && one.leadership.isLeader).length, 1);
  }
});

test('a window that wakes up and was replaced says at once that the lead is not its own', async () => {
  const { world, windows, holders } = setupWindows(3);
  await world.advance(SECOND);
  const [first] = holders();
  const changes: boolean[] = [];
  first?.leadership.onDidChange((isLeader) => changes.push(isLeader));
  first?.freeze();
  await world.advance(30 * SECOND);
  first?.thaw();
  assert.equal(first?.leadership.isLeader, false, 'before it has even looked');
  assert.equal(await world.finish(first.leadership.confirm()), false);
  await world.advance(SECOND);
  assert.deepEqual(changes, [false]);
  assert.equal(windows.filter(({ leadership }) => leadership.isLeader).length, 1);
});

test('a window that is closed gives the lead back at once', async () => {
  const { world, windows, holders } = setupWindows(2);
  await settled();
  holders()[0]?.close();
  await world.advance(2 * SECOND);
  assert.deepEqual(
    windows.map(({ leadership, isDead }) => leadership.isLeader !== isDead),
    [true, true],
  );
});

test('what the leader shares of work is used by the others, until another one leads', async () => {
  const { world, windows, holders } = setupWindows(3);
  const heard = new Map<FrozenWindow, string | undefined>();
  for (const one of windows) one.leadership.onDidLook(({ work }) => heard.set(one, work));
  for (const [n, one] of windows.entries()) one.work = `read by ${n}`;
  await world.advance(3 * SECOND);
  const [first] = holders();
  assert.deepEqual(new Set(heard.values()), new Set([first?.work]));
  first!.work = 'news';
  await world.advance(5 * SECOND);
  assert.deepEqual([...heard.values()], ['news', 'news', 'news']);
  first!.die();
  heard.delete(first!);
  await world.advance(15 * SECOND);
  const [second] = holders().filter((one) => one !== first);
  assert.deepEqual([...heard.values()], [second?.work, second?.work]);
});

test('the lead goes to the window that is used, once the other one is not', async () => {
  const { world, windows, holders } = setupWindows(2);
  await settled();
  const [first] = holders();
  const other = windows.find((one) => one !== first);
  const focus = (one: FrozenWindow | undefined, isFocused: boolean) => {
    if (one) one.presence = { ...one.presence, isFocused };
    return world.finish(one!.leadership.look());
  };
  await focus(first, true);
  await focus(other, true);
  await world.advance(60 * SECOND);
  assert.deepEqual(holders(), [first], 'two that both say so do not take it from each other');

  await focus(first, false);
  await world.advance(2 * SECOND);
  assert.deepEqual(holders(), [other]);
  await focus(other, false);
  await world.advance(60 * SECOND);
  assert.deepEqual(holders(), [other], 'nobody else wants it');
});

test('whoever takes the lead just now does not confirm it yet: the other one may have acted a moment ago', async () => {
  const { world, windows, holders } = setupWindows(2);
  await settled();
  const [first] = holders();
  const other = windows.find((one) => one !== first)!;
  other.presence = { ...other.presence, isFocused: true };
  const [before, after] = await world.finish(Promise.all([first!.leadership.confirm(), other.leadership.confirm()]));
  assert.deepEqual([before, after], [true, false]);
  assert.equal(await world.finish(other.leadership.confirm()), true);
});

test('the windows know of each other who watches and which sessions are in use or saved, until they die', async () => {
  const { world, windows } = setupWindows(2);
  await settled();
  const [one, two] = windows as [FrozenWindow, FrozenWindow];
  two.presence = { isWatched: true, isFocused: false, inUse: [sessionId('a')], saving: [sessionId('b')] };
  await world.advance(4 * SECOND);
  assert.deepEqual(one.leadership.presence, { isWatched: true, inUse: new Set(['a']), saving: new Set(['b']) });

  two.die();
  await world.advance(55 * SECOND);
  assert.equal(one.leadership.presence.isWatched, true, 'it may only be slow');
  await world.advance(10 * SECOND);
  assert.deepEqual(one.leadership.presence, { isWatched: false, inUse: new Set(), saving: new Set() });
});

test('what a window was saving when it died is waited for some seconds only, and what one saves that lives, to the end', async () => {
  for (const isAlive of [true, false]) {
    const { world, windows, holders } = setupWindows(3);
    await world.advance(3 * SECOND);
    const saver = windows.find((one) => !holders().includes(one))!;
    saver.presence = { isWatched: false, isFocused: false, inUse: [], saving: [sessionId('a')] };
    await world.advance(4 * SECOND);
    const saved = () => windows.filter((one) => one !== saver).map(({ leadership }) => leadership.presence.saving.size);
    assert.deepEqual(saved(), [1, 1]);
    if (!isAlive) saver.die();
    for (let n = 0; n < 45 && isAlive; n++) {
      await world.advance(SECOND);
      assert.deepEqual(saved(), [1, 1]);
    }
    if (isAlive) continue;
    await world.advance(17 * SECOND);
    assert.deepEqual(saved(), [0, 0]);
  }
});

test('with nothing to guard nobody leads, and a file is all there is to look at now and then', async () => {
  const { world, file, windows, holders } = setupWindows(2);
  await settled();
  for (const one of windows) one.need = 'hear';
  await world.advance(20 * SECOND);
  assert.equal(holders().length, 1, 'what has just ended is still to be told of');
  await world.advance(60 * SECOND);
  assert.deepEqual(holders(), []);
  const { text } = file;
  await world.advance(600 * SECOND);
  assert.equal(file.text, text);

  for (const one of windows) one.need = 'nothing';
  await world.advance(20 * SECOND);
  assert.equal(world.pending, 0, 'nobody signed in');
  windows[0]!.need = 'guard';
  windows[0]!.leadership.replan();
  await settled();
  assert.deepEqual(holders(), [windows[0]]);
});

test('without a disk every window guards for itself, and says so once', async () => {
  const { world, file, windows, holders } = setupWindows(2);
  await settled();
  file.isBroken = true;
  await world.advance(10 * SECOND);
  assert.equal(holders().length, 2);
  assert.deepEqual(await world.finish(Promise.all(windows.map(({ leadership }) => leadership.confirm()))), [
    true,
    true,
  ]);
  await world.advance(60 * SECOND);
  for (const { log } of windows) assert.equal(log.lines.filter((line) => line.includes('EIO')).length, 1);

  file.isBroken = false;
  await world.advance(10 * SECOND);
  assert.equal(holders().length, 1);
});

test('a disk that does not answer is as good as none', async () => {
  const { world, file, windows } = setupWindows(1);
  await settled();
  const [one] = windows as [FrozenWindow];
  file.isSilent = true;
  await world.advance(30 * SECOND);
  assert.equal(one.leadership.isLeader, true);
  assert.equal(one.log.lines.length, 1);
});

test('while the disk fails, a window that follows looks once a heartbeat', async () => {
  const { world, file } = setupWindows(2);
  await world.advance(5 * SECOND);
  file.isBroken = true;
  file.asked = 0;
  await world.advance(60 * SECOND);
  assert.ok(file.asked <= 2 * 31, `${file.asked} looks in a minute`);
  assert.ok(file.asked >= 2 * 20, `${file.asked} looks in a minute`);
});

test('a file that nobody can read is begun anew', async () => {
  const { world, file, holders } = setupWindows(2);
  await settled();
  file.text = '{"windows":';
  await world.advance(8 * SECOND);
  assert.equal(holders().length, 1);
});

test('a sleep and a clock that was set are noticed, a loaded machine is not', async () => {
  const { world, windows } = setupWindows(1);
  const [one] = windows as [FrozenWindow];
  let jumps = 0;
  one.leadership.onDidJump(() => jumps++);
  await world.advance(10 * SECOND);
  one.freeze();
  await world.advance(3 * SECOND);
  one.thaw();
  await world.advance(10 * SECOND);
  assert.equal(jumps, 0);

  one.freeze();
  await world.advance(8 * 3_600 * SECOND);
  one.thaw();
  await world.advance(10 * SECOND);
  assert.equal(jumps, 1);

  for (const ms of [3_600 * SECOND, -7_200 * SECOND]) {
    one.wallOffset += ms;
    await world.advance(10 * SECOND);
  }
  assert.equal(jumps, 3);
});
