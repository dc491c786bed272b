import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { JournalFile } from '../../src/host/journalFile';
import { until } from '../fakes/until';

function setupFolder(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'journal-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const folder = path.join(root, 'storage', 'of us');
  return { folder, file: path.join(folder, 'intents.jsonl'), lock: path.join(folder, 'intents.jsonl.lock') };
}

test('nothing is on the disk before something is written', async (t) => {
  const { folder } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');

  assert.equal(await journal.read(), '');
  assert.equal(fs.existsSync(folder), false);

  await journal.append('one');
  await journal.append('two');
  assert.equal(await new JournalFile(folder, 'intents.jsonl').read(), 'one\ntwo\n', 'also after a restart');
});

test('a line that a crash has torn spoils no other', async (t) => {
  const { folder, file } = setupFolder(t);
  await new JournalFile(folder, 'intents.jsonl').append('one');
  fs.appendFileSync(file, '{"torn');

  await new JournalFile(folder, 'intents.jsonl').append('two');

  assert.equal(fs.readFileSync(file, 'utf8'), 'one\n{"torn\ntwo\n');
});

test('two windows are never inside at once, and no line is lost', async (t) => {
  const { folder } = setupFolder(t);
  const windows = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
  const inside = { now: 0, most: 0 };
  const work = async (journal: JournalFile, line: string) => {
    inside.most = Math.max(inside.most, ++inside.now);
    await journal.append(line);
    inside.now--;
  };

  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  await Promise.all(lines.flatMap((line) => windows.map((one) => one.exclusively(() => work(one, line)))));

  assert.equal(inside.most, 1);
  const read = (await windows[0]!.read()).split('\n').filter(Boolean);
  assert.deepEqual(read.sort(), [...lines, ...lines].sort());
});

test('who fails inside lets the next one in', async (t) => {
  const { folder, lock } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');

  await assert.rejects(
    journal.exclusively(() => Promise.reject(new Error('no'))),
    /no/,
  );

  assert.equal(await journal.exclusively(() => Promise.resolve('in')), 'in');
  assert.equal(fs.existsSync(lock), false);
});

test('the lock of a process that is no more is taken away at once', async (t) => {
  const { folder, lock } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  const gone = 2 ** 22 + 1; // more than the highest process id there can be
  fs.writeFileSync(lock, JSON.stringify([os.hostname(), gone, 'token']));

  const windows = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
  assert.deepEqual(await Promise.all(windows.map((one) => one.exclusively(() => Promise.resolve('in')))), ['in', 'in']);
});

test('an old lock of another computer is taken away, a new one is waited for', async (t) => {
  const { folder, lock } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  const entered: string[] = [];
  const enter = () => new JournalFile(folder, 'intents.jsonl').exclusively(async () => void entered.push('in'));

  fs.writeFileSync(lock, JSON.stringify(['elsewhere', 1, 'token']));
  const minuteAgo = new Date(Date.now() - 60_000);
  fs.utimesSync(lock, minuteAgo, minuteAgo);
  await enter();
  assert.deepEqual(entered, ['in']);

  fs.writeFileSync(lock, JSON.stringify(['elsewhere', 1, 'token']));
  const waiting = enter();
  await new JournalFile(folder, 'intents.jsonl').read();
  assert.deepEqual(entered, ['in']);
  fs.rmSync(lock);
  await waiting;
  assert.equal(await until('its turn', () => entered.length), 2);
});

test('a compacted journal takes the place of the old one, and leaves nothing behind', async (t) => {
  const { folder, file } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');

  await journal.exclusively(() => journal.replace('two\n'));

  assert.equal(await journal.read(), 'two\n');
  assert.deepEqual(fs.readdirSync(folder), [path.basename(file)]);
});

test('a folder that cannot be written to says so', async (t) => {
  const { folder } = setupFolder(t);
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  fs.writeFileSync(folder, 'a file where the folder should be');
  const journal = new JournalFile(folder, 'intents.jsonl');

  await assert.rejects(journal.exclusively(() => journal.append('one')));
});
