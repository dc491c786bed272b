import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { DiskError } from '../../src/core/comfyui/folder';
import { disk, OutputFolder } from '../../src/host/outputFolder';

function setup(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  return { root, folder: new OutputFolder(root, 'session'), at: (name: string) => path.join(root, 'session', name) };
}

const text = (words: string) => new TextEncoder().encode(words);

async function put(folder: OutputFolder, name: string, words: string, from = 0): Promise<void> {
  const sink = await folder.receive(name, from);
  await sink.write(text(words));
  await sink.close();
}

test('a file has its name only when it is finished', async (t) => {
  const { folder, at } = setup(t);
  await put(folder, 'video/a.mp4', 'half');
  assert.deepEqual([await folder.arrived('video/a.mp4'), await folder.look('video/a.mp4')], [4, undefined]);
  assert.equal(await folder.finish('video/a.mp4', 'video/a.mp4'), true);
  assert.deepEqual([await folder.arrived('video/a.mp4'), await folder.look('video/a.mp4')], [0, 4]);
  assert.deepEqual(fs.readdirSync(at('video')), ['a.mp4']);
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
  t.mock.method(fs.promises, 'appendFile', () => Promise.reject(error));
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
