import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { commonFiles, commonPlace } from '../../../src/platform/node/commonFiles';
import { filesIn } from '../../../src/platform/node/journalFile';

const isPosix = process.platform !== 'win32';

function setup(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'common-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const folder = path.join(root, 'state', 'comfydeploy-sessions');
  const [one, other] = ['code', 'cursor'].map((name) => filesIn(path.join(root, name)));
  assert.ok(one && other);
  return { root, folder, one, other };
}

test('it lies where each system has what programs of one user keep', () => {
  assert.equal(
    commonPlace('win32', { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' }, 'C:\\Users\\me'),
    'C:\\Users\\me\\AppData\\Local\\comfydeploy-sessions',
  );
  assert.equal(commonPlace('win32', {}, 'C:\\me'), 'C:\\me\\AppData\\Local\\comfydeploy-sessions');
  assert.equal(
    commonPlace('darwin', { XDG_STATE_HOME: '/x' }, '/Users/me'),
    '/Users/me/Library/Application Support/comfydeploy-sessions',
  );
  assert.equal(commonPlace('linux', {}, '/home/me'), '/home/me/.local/state/comfydeploy-sessions');
  assert.equal(commonPlace('linux', { XDG_STATE_HOME: '/state' }, '/home/me'), '/state/comfydeploy-sessions');
  assert.equal(
    commonPlace('linux', { XDG_STATE_HOME: 'of/the/workspace' }, '/home/me'),
    '/home/me/.local/state/comfydeploy-sessions',
  );
});

test('two editors read what either of them writes, and nobody else can', async (t) => {
  const { folder, one, other } = setup(t);
  const [first, second] = await Promise.all([commonFiles(one, folder), commonFiles(other, folder)]);
  await first('intents.jsonl').append('one');
  await second('intents.jsonl').append('two');
  assert.equal(await first('intents.jsonl').read(), 'one\ntwo\n');
  assert.equal(await one('intents.jsonl').read(), '');
  if (isPosix) assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  fs.rmSync(folder, { recursive: true });
  await second('intents.jsonl').append('three');
  await first('intents.jsonl').exclusively(() => Promise.resolve());
  if (isPosix) assert.equal(fs.statSync(folder).mode & 0o777, 0o700, 'nor once it was removed');
});

test('what an editor wrote before counts on, once, and in no place but one', async (t) => {
  const { folder, one, other } = setup(t);
  await one('intents.jsonl').append('one');
  await other('intents.jsonl').append('two');
  await other('history.jsonl').append('three');
  for (const own of [one, other, one]) await commonFiles(own, folder);
  const common = await commonFiles(other, folder);
  const lines = (await common('intents.jsonl').read()).split('\n').filter(Boolean);
  assert.deepEqual([lines, await common('history.jsonl').read()], [['one', 'two'], 'three\n']);
  assert.deepEqual([await one('intents.jsonl').read(), await other('history.jsonl').read()], ['', '']);
});

test('a link, a file, and a folder that others may look into are no place for it', { skip: !isPosix }, async (t) => {
  const { root, folder, one } = setup(t);
  const elsewhere = path.join(root, 'elsewhere');
  fs.mkdirSync(elsewhere, { mode: 0o700 });
  fs.mkdirSync(path.dirname(folder));
  const isOwn = async () => {
    const files = await commonFiles(one, folder);
    await files('probe').exclusively(() => files('probe').replace('x'));
    return files === one && fs.readdirSync(elsewhere).length === 0;
  };
  fs.symlinkSync(elsewhere, folder);
  assert.ok(await isOwn(), 'a link');
  fs.rmSync(folder);
  fs.writeFileSync(folder, '');
  assert.ok(await isOwn(), 'a file');
  fs.rmSync(folder);
  fs.mkdirSync(folder);
  fs.chmodSync(folder, 0o750);
  assert.ok(await isOwn(), 'a folder of a group');
  fs.rmSync(path.dirname(folder), { recursive: true });
  fs.writeFileSync(path.dirname(folder), '');
  assert.ok(await isOwn(), 'nothing can be made there');
});

test('no file in it leads elsewhere', { skip: !isPosix }, async (t) => {
  const { root, folder, one } = setup(t);
  const files = await commonFiles(one, folder);
  const victim = path.join(root, 'victim');
  fs.writeFileSync(victim, 'mine');
  const stamp = new Date(1e12);
  fs.utimesSync(victim, stamp, stamp);
  for (const name of ['intents.jsonl', 'windows', 'windows.00000000-0000-4000-8000-000000000000.beat'])
    fs.symlinkSync(victim, path.join(folder, name));
  await assert.rejects(files('intents.jsonl').read());
  await assert.rejects(files('intents.jsonl').append('line'));
  await files('windows').heartbeat('00000000-0000-4000-8000-000000000000');
  await files('windows').exclusively(() => files('windows').replace('text'));
  assert.deepEqual([fs.readFileSync(victim, 'utf8'), fs.statSync(victim).mtimeMs], ['mine', 1e12]);
  assert.equal(await files('windows').read(), 'text', 'what is replaced is the link');
});
