import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { DiskError } from '../../../src/platform/folder';
import { DiskPatience } from '../../../src/platform/node/diskPatience';
import { disk, disksWith, OutputFolder } from '../../../src/platform/node/outputFolder';
import { ManualClock } from '../../fakes/manualClock';
import { until } from '../../fakes/until';

function setup(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  return { root, folder: new OutputFolder(root, 'session'), at: (name: string) => path.join(root, 'session', name) };
}

const text = (words: string) => new TextEncoder().encode(words);

async function put(folder: OutputFolder, name: string, words: string, from = 0): Promise<void> {
  const sink = await folder.receive(name, from);
  try {
    await sink.write(text(words));
  } finally {
    await sink.close();
  }
}

test('a file has its name only when it is finished', async (t) => {
  const { folder, at } = setup(t);
  await put(folder, 'video/a.mp4', 'half');
  assert.deepEqual([await folder.arrived('video/a.mp4'), await folder.look('video/a.mp4')], [4, undefined]);
  assert.equal(await folder.finish('video/a.mp4', 'video/a.mp4'), true);
  assert.deepEqual([await folder.arrived('video/a.mp4'), await folder.look('video/a.mp4')], [0, 4]);
  assert.deepEqual(fs.readdirSync(at('video')), ['a.mp4']);
});

test('what has no room is refused before it is begun, also where the folder is still to be made', async (t) => {
  const { root } = setup(t);
  const folder = new OutputFolder(path.join(root, 'not', 'there'), 'session');
  await folder.fits(1);
  await assert.rejects(folder.fits(Number.MAX_SAFE_INTEGER), (error: unknown) => {
    assert.ok(error instanceof DiskError && !error.isForAll, 'smaller ones may fit');
    return /^There is no room for it on the disk with .*session\.$/.test(error.message);
  });
  assert.deepEqual(fs.readdirSync(root), []);
});

test('what was received is gone on with, and what came after that is dropped', async (t) => {
  const { folder, at } = setup(t);
  await put(folder, 'a', 'abcdef');
  await put(folder, 'a', 'XY', 3);
  assert.equal(fs.readFileSync(at('a.part'), 'utf8'), 'abcXY');
  await put(folder, 'a', 'new');
  assert.equal(fs.readFileSync(at('a.part'), 'utf8'), 'new');
});

test('nothing that exists is overwritten, and what was received is kept', async (t) => {
  const { folder, at } = setup(t);
  fs.mkdirSync(at('folder'), { recursive: true });
  fs.writeFileSync(at('file'), 'mine');
  fs.symlinkSync('nowhere', at('link'));
  for (const name of ['file', 'folder', 'link']) {
    await put(folder, name, 'theirs');
    assert.equal(await folder.finish(name, name), false, name);
    assert.equal(await folder.create(name, 'theirs'), false, name);
    assert.equal(await folder.arrived(name), 6);
  }
  assert.equal(fs.readFileSync(at('file'), 'utf8'), 'mine');
  assert.deepEqual([await folder.look('folder'), await folder.look('link')], ['other', 'other']);
  assert.equal(await folder.finish('file', 'file (2)'), true);
  assert.equal(fs.readFileSync(at('file (2)'), 'utf8'), 'theirs');
});

test('a text is there as a whole, without a trace of how it came', async (t) => {
  const { folder, at } = setup(t);
  assert.deepEqual(
    [await folder.read('a.json'), await folder.create('a.json', '{}'), await folder.read('a.json')],
    [undefined, true, '{}'],
  );
  await folder.append('log', 'one');
  await folder.append('log', 'two');
  assert.equal(await folder.read('log'), 'one\ntwo\n');
  assert.deepEqual(fs.readdirSync(at('.')), ['a.json', 'log']);
});

test('no name leads out of the folder', async (t) => {
  const { folder, root } = setup(t);
  for (const name of ['../x', 'a/../../x', '..', '.', ''])
    await assert.rejects(folder.create(name, 'x'), DiskError, JSON.stringify(name));
  assert.deepEqual(fs.readdirSync(root), []);
});

test('a disk that refuses says why in words for people', async (t) => {
  const { folder, root } = setup(t);
  fs.writeFileSync(path.join(root, 'session'), 'a file');
  await assert.rejects(folder.create('a', 'x'), { name: 'DiskError', message: /a file is in the way/ });

  const full = new OutputFolder(root, 'full');
  const error = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
  t.mock.method(fs.promises, 'open', () => Promise.reject(error));
  await assert.rejects(full.append('a', 'x'), { name: 'DiskError', message: `The disk with ${full.place} is full.` });
});

test('a disk without links still takes files, and still overwrites none', async (t) => {
  const { folder, at } = setup(t);
  t.mock.method(fs.promises, 'link', () => Promise.reject(Object.assign(new Error('no links'), { code: 'ENOSYS' })));
  await put(folder, 'a', 'one');
  assert.equal(await folder.finish('a', 'a'), true);
  await put(folder, 'a', 'two');
  assert.equal(await folder.finish('a', 'a'), false);
  assert.equal(fs.readFileSync(at('a'), 'utf8'), 'one');
  assert.deepEqual(fs.readdirSync(at('.')), ['a', 'a.part']);
});

test('a folder is absolute, or the user’s home stands before it', () => {
  const home = os.homedir();
  assert.deepEqual(
    ['/x/y', ' ~ ', '~/out', '${userHome}/out', '~other/x', 'out', './out', ''].map((typed) => disk.absolute(typed)),
    ['/x/y', home, path.join(home, 'out'), path.join(home, 'out'), undefined, undefined, undefined, undefined],
  );
});

/** Every file opened from now on takes so many bytes; further writes report 0 bytes, or fail. */
function fillUp(t: TestContext, room: number, isQuiet: boolean): void {
  const { open } = fs.promises;
  let left = room;
  t.mock.method(fs.promises, 'open', async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    const write = handle.write.bind(handle) as (...all: unknown[]) => Promise<{ bytesWritten: number }>;
    handle.write = (async (bytes: Uint8Array, offset: number, length: number, position: number) => {
      const taken = Math.min(left, length);
      left -= taken;
      if (taken > 0) return write(bytes, offset, taken, position);
      if (isQuiet) return { bytesWritten: 0, buffer: bytes };
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    }) as unknown as typeof handle.write;
    return handle;
  });
}

for (const isQuiet of [true, false]) {
  test(`a disk that fills up ${isQuiet ? 'quietly' : 'with an error'} costs no line that was there, or that comes later`, async (t) => {
    const { folder, at } = setup(t);
    await folder.append('log', 'one');
    fillUp(t, 2, isQuiet);
    const full = { name: 'DiskError', message: `The disk with ${folder.place} is full.`, isForAll: true };
    await assert.rejects(folder.append('log', 'two'), full);
    fs.appendFileSync(at('log'), '\nelsewhere\n'); // another window, whose lines must stay
    await assert.rejects(folder.append('log', 'three'), full);
    await assert.rejects(put(folder, 'a', 'whole'), full);
    assert.deepEqual(fs.readdirSync(at('.')), ['a.part', 'log']);
    t.mock.restoreAll();
    await folder.append('log', 'four');
    assert.equal(fs.readFileSync(at('log'), 'utf8'), 'one\ntw\nelsewhere\nfour\n');
  });
}

test('a file is closed even where the disk says nothing of what was opened', async (t) => {
  const { folder } = setup(t);
  await put(folder, 'a', 'one');
  const { open } = fs.promises;
  const opened: fs.promises.FileHandle[] = [];
  t.mock.method(fs.promises, 'open', async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    opened.push(handle);
    t.mock.method(handle, 'stat', () => Promise.reject(new Error('EIO')));
    return handle;
  });
  await assert.rejects(put(folder, 'a', 'two', 1), { name: 'DiskError' });
  assert.deepEqual(
    opened.map(({ fd }) => fd),
    [-1],
  );
});

test('a line that was torn costs itself only', async (t) => {
  const { folder, at } = setup(t);
  await folder.append('log', 'one');
  fs.appendFileSync(at('log'), 'tor');
  await folder.append('log', 'two');
  assert.equal(await folder.read('log'), 'one\ntor\ntwo\n');
});

test('lines that are added at once all arrive', async (t) => {
  const { folder } = setup(t);
  await Promise.all(Array.from({ length: 50 }, (_, n) => folder.append('log', `${n}`)));
  assert.equal((await folder.read('log'))?.trim().split('\n').length, 50);
});

/** Files outside of the folder belong to somebody else and must not change. */
function outsideOf(t: TestContext) {
  const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'outside-'));
  t.after(() => fs.rmSync(outside, { recursive: true, force: true }));
  const victim = path.join(outside, 'victim.txt');
  fs.writeFileSync(victim, 'precious');
  const unharmed = () => {
    assert.deepEqual(fs.readdirSync(outside), ['victim.txt']);
    assert.equal(fs.readFileSync(victim, 'utf8'), 'precious');
  };
  return { outside, victim, unharmed };
}

for (const kind of ['symbolic', 'hard'] as const) {
  test(`a part that is a ${kind} link overwrites nothing, begun anew or gone on with`, async (t) => {
    const { folder, at } = setup(t);
    const { victim, unharmed } = outsideOf(t);
    fs.mkdirSync(at('.'), { recursive: true });
    (kind === 'hard' ? fs.linkSync : fs.symlinkSync)(victim, at('b.png.part'));
    await assert.rejects(put(folder, 'b.png', 'theirs', 4), { name: 'DiskError', isForAll: false });
    unharmed();
    await put(folder, 'b.png', 'theirs');
    unharmed();
    assert.equal(fs.readFileSync(at('b.png.part'), 'utf8'), 'theirs');
  });
}

test('a linked folder that leads outside is refused, for everything in it and for nothing else', async (t) => {
  const { folder, at } = setup(t);
  const { outside, unharmed } = outsideOf(t);
  fs.mkdirSync(at('.'), { recursive: true });
  fs.symlinkSync(outside, at('sub'));
  const isRefused = (error: unknown) => {
    assert.ok(
      error instanceof DiskError && !error.isForAll && /leads somewhere else/.test(error.message),
      String(error),
    );
    return true;
  };
  for (const name of ['sub/victim.txt', 'sub/deep/x']) {
    await assert.rejects(put(folder, name, 'x'), isRefused);
    await assert.rejects(folder.create(name, 'x'), isRefused);
    await assert.rejects(folder.append(name, 'x'), isRefused);
    await assert.rejects(folder.look(name), isRefused);
    await assert.rejects(folder.read(name), isRefused);
  }
  unharmed();
  await put(folder, 'beside', 'x');
});

test('a session folder that is a link is refused if it leads out of the folder for outputs', async (t) => {
  const { root, folder } = setup(t);
  const { outside, unharmed } = outsideOf(t);
  fs.symlinkSync(outside, path.join(root, 'session'));
  await assert.rejects(put(folder, 'x', 'x'), { name: 'DiskError' });
  unharmed();
  fs.rmSync(path.join(root, 'session'));
  fs.mkdirSync(path.join(root, 'other'));
  fs.symlinkSync('other', path.join(root, 'session'));
  await put(folder, 'x', 'inside');
  assert.equal(fs.readFileSync(path.join(root, 'other', 'x.part'), 'utf8'), 'inside');
});

test('the folder for outputs itself may be a link: the user chose it', async (t) => {
  const { root } = setup(t);
  const real = path.join(root, 'real');
  fs.mkdirSync(real);
  fs.symlinkSync(real, path.join(root, 'link'));
  const folder = new OutputFolder(path.join(root, 'link'), 'session');
  assert.equal(await folder.create('sub/a', 'x'), true);
  assert.equal(fs.readFileSync(path.join(real, 'session', 'sub', 'a'), 'utf8'), 'x');
});

test('a list of what was saved that is a link is neither read nor written', async (t) => {
  const { folder, at } = setup(t);
  const { victim, unharmed } = outsideOf(t);
  fs.mkdirSync(at('.'), { recursive: true });
  fs.symlinkSync(victim, at('.list'));
  await assert.rejects(folder.read('.list'), { name: 'DiskError' });
  await assert.rejects(folder.append('.list', 'x'), { name: 'DiskError' });
  unharmed();
});

test('a name that the disk finds too long costs that file only', async (t) => {
  const { folder } = setup(t);
  await assert.rejects(folder.create('x'.repeat(300), 'x'), { name: 'DiskError', isForAll: false });
});

test('whether a folder can be written is found out without leaving anything behind', async (t) => {
  const { root } = setup(t);
  assert.equal(await disk.whyNotWritable(root), undefined);
  assert.equal(await disk.whyNotWritable(path.join(root, 'not', 'yet')), undefined);
  assert.deepEqual(fs.readdirSync(root), []);

  fs.writeFileSync(path.join(root, 'file'), 'x');
  for (const taken of ['file', 'file/below'])
    assert.match((await disk.whyNotWritable(path.join(root, taken))) ?? '', /a file is in the way\.$/);
  t.mock.method(fs.promises, 'writeFile', () => Promise.reject(Object.assign(new Error('no'), { code: 'EROFS' })));
  assert.equal(await disk.whyNotWritable(root), `VS Code may not write to ${root}.`);
});

test('a folder is made with all that it lies in, and where it takes none, that is said at once', async (t) => {
  const { root } = setup(t);
  const deep = path.join(root, 'a', 'b');
  assert.equal(await new OutputFolder(deep, 'session').create('c.json', '{}'), true);
  assert.equal(fs.readFileSync(path.join(deep, 'session', 'c.json'), 'utf8'), '{}');
  if (process.platform !== 'linux') return;
  const nowhere = new OutputFolder('/proc/nowhere/at/all', 'session');
  await assert.rejects(nowhere.create('c.json', '{}'), { name: 'DiskError', message: /^Nothing can be written to / });
});

/** Like a network folder whose server is gone: the call does not return until released. */
function hang(t: TestContext, call: 'lstat' | 'realpath' | 'stat' | 'mkdir' | 'open') {
  let release = (): void => undefined;
  const never = new Promise<never>((_, reject) => (release = () => reject(new Error('gone'))));
  const { mock } = t.mock.method(fs.promises, call, () => never);
  return { calls: () => mock.callCount(), release, restore: () => mock.restore() };
}

test('a disk that never answers is reported after some seconds, and asked nothing more until it does', async (t) => {
  const { root } = setup(t);
  const clock = new ManualClock();
  const disks = disksWith(new DiskPatience(clock));
  const { calls, release, restore } = hang(t, 'realpath');
  const silent = {
    name: 'DiskError',
    message: new RegExp(`^The disk with ${root} isn't responding\\. `),
    isForAll: true,
  };
  const begun = clock.now();
  await assert.rejects(clock.finish(disks.folder(root, 'session').read('a')), silent);
  assert.ok(clock.now() - begun <= 10_000);
  await assert.rejects(disks.folder(root, 'another').create('a', 'x'), silent);
  assert.match((await disks.whyNotWritable(root)) ?? '', /isn't responding/);
  assert.equal(calls(), 1);

  release();
  restore();
  await clock.advance(0);
  assert.equal(await disks.whyNotWritable(root), undefined);
  assert.equal(await disks.folder(root, 'session').create('a', 'x'), true);
});

for (const call of ['lstat', 'realpath', 'stat', 'mkdir', 'open'] as const)
  test(`no operation of a folder waits for ever where ${call} does`, async (t) => {
    const { root } = setup(t);
    await put(new OutputFolder(root, 'session'), 'a', 'x');
    const { calls } = hang(t, call);
    const clock = new ManualClock();
    const works: readonly ((folder: OutputFolder) => Promise<unknown>)[] = [
      (folder) => folder.look('a'),
      (folder) => folder.read('a.part'),
      (folder) => folder.create('new/b', 'x'),
      (folder) => folder.append('log', 'x'),
      (folder) => folder.isBegun('a'),
      (folder) => folder.arrived('a'),
      (folder) => folder.receive('new/c', 0).then((sink) => sink.close()),
      (folder) => folder.finish('a', 'new/a'),
      (folder) => folder.discard('gone'),
      () => disksWith(new DiskPatience(clock)).whyNotWritable(path.join(root, 'not', 'yet')),
    ];
    const slow: number[] = [];
    for (const work of works) {
      const [begun, before] = [clock.now(), calls()];
      const over = { is: false };
      const result = work(new OutputFolder(root, 'session', new DiskPatience(clock))).finally(() => (over.is = true));
      result.catch(() => undefined);
      await until('its end, or what hangs', () => over.is || calls() > before);
      await clock.finish(result).catch(() => undefined);
      slow.push(clock.now() - begun);
    }
    assert.ok(Math.max(...slow) >= 10_000, 'something hung');
    assert.ok(Math.max(...slow) <= 70_000);
  });

test('what a slow disk has to flush may take its time', async (t) => {
  const { root } = setup(t);
  const clock = new ManualClock();
  const sink = await new OutputFolder(root, 'session', new DiskPatience(clock)).receive('a', 0);
  await sink.write(text('x'));
  const any = await fs.promises.open(root);
  let flushed: (() => void) | undefined;
  const flush = () => new Promise<void>((resolve) => (flushed = resolve));
  t.mock.method(Object.getPrototypeOf(any) as fs.promises.FileHandle, 'datasync', flush);
  await any.close();
  const closing = sink.close();
  await until('a flush', () => flushed !== undefined);
  await clock.advance(30_000);
  flushed?.();
  await closing;
  assert.equal(fs.readFileSync(path.join(root, 'session', 'a.part'), 'utf8'), 'x');
});
