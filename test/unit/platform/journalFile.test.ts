import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import disk from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import timers from 'node:timers/promises';
import { NotKnown } from '../../../src/platform/journal';
import { JournalFile } from '../../../src/platform/node/journalFile';
import { soon } from '../../fakes/until';
import { setupFolder, hurry } from './journalFile';

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
  const gone = 2 ** 22 + 1; // above the highest possible process id
  fs.writeFileSync(lock, JSON.stringify([os.hostname(), gone, 'token']));

  const windows = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
  assert.deepEqual(await Promise.all(windows.map((one) => one.exclusively(() => Promise.resolve('in')))), ['in', 'in']);
});

/** Three seconds. */
const PAUSES_BEFORE_A_LOCK_IS_OLD = 120;

for (const [when, ahead] of [
  ['now', 0],
  ['a day ahead', 86_400_000],
  ['a day ago', -86_400_000],
] as const)
  test(`a lock of another computer, stamped ${when} by the disk, is waited for, and not for ever`, async (t) => {
    const { folder, lock } = setupFolder(t);
    fs.mkdirSync(folder, { recursive: true });
    const leaveBehind = (file: string, content: string) => {
      fs.writeFileSync(file, content);
      const stamp = new Date(Date.now() + ahead);
      fs.utimesSync(file, stamp, stamp);
    };
    leaveBehind(lock, JSON.stringify(['elsewhere', 1, 'token']));
    const count = hurry(t);
    const journal = new JournalFile(folder, 'intents.jsonl');

    assert.equal(await journal.exclusively(() => Promise.resolve('in')), 'in');
    const { pauses } = count;
    assert.ok(pauses >= PAUSES_BEFORE_A_LOCK_IS_OLD && pauses < 1.5 * PAUSES_BEFORE_A_LOCK_IS_OLD, `${pauses} pauses`);

    if (ahead <= 0) return;
    leaveBehind(lock, JSON.stringify(['elsewhere', 2, 'token']));
    leaveBehind(`${lock}.judge`, '');
    assert.equal(await journal.exclusively(() => Promise.resolve('in')), 'in', 'nor for one who judged');
  });

test('whoever waits comes in as soon as the lock of another computer is gone', async (t) => {
  const { folder, lock } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(lock, JSON.stringify(['elsewhere', 1, 'token']));
  const entered: string[] = [];
  const waiting = new JournalFile(folder, 'intents.jsonl').exclusively(async () => void entered.push('in'));
  await new JournalFile(folder, 'intents.jsonl').read();
  assert.deepEqual(entered, []);
  fs.rmSync(lock);
  await waiting;
  assert.deepEqual(entered, ['in']);
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

interface Fault {
  /** How many more bytes fit on the disk. */
  room: number;
  /** A write without room writes nothing instead of failing. */
  isMute?: boolean;
  cannotSync?: boolean;
  whenFull?: () => void;
}

/** A disk that is nearly full: the system reports a short write only by the number of bytes. */
function nearlyFull(t: TestContext, fault: Fault): void {
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const real = disk.open.bind(disk);
  t.mock.method(disk, 'open', async (...args: Parameters<typeof disk.open>) => {
    const file = await real(...args);
    const write = file.write.bind(file);
    const taking = (bytes: Uint8Array) => {
      if (fault.room === 0) fault.whenFull?.();
      if (fault.room === 0 && !fault.isMute) return Promise.reject(full());
      const taken = bytes.subarray(0, fault.room);
      fault.room -= taken.length;
      return taken.length === 0 ? Promise.resolve({ bytesWritten: 0, buffer: bytes }) : write(taken);
    };
    const failing = () => Promise.reject(new Error('EIO: i/o error'));
    return Object.assign(file, {
      write: taking,
      ...(fault.cannotSync ? { datasync: failing, sync: failing } : {}),
    });
  });
}

/** The size of this process's lock, in bytes. */
const ROOM_FOR_A_LOCK = JSON.stringify([os.hostname(), process.pid, crypto.randomUUID()]).length;

for (const isMute of [false, true])
  test(`a line that finds no room is torn, and costs no other${isMute ? ', though the disk does not complain' : ''}`, async (t) => {
    const { folder, file } = setupFolder(t);
    const journal = new JournalFile(folder, 'intents.jsonl');
    await journal.append('one');
    const fault = { room: ROOM_FOR_A_LOCK + 5, isMute };
    nearlyFull(t, fault);

    await assert.rejects(
      journal.exclusively(() => journal.append('two is longer than five')),
      NotKnown,
    );
    fault.room = 1_000;
    await journal.exclusively(() => journal.append('three'));
    assert.equal(fs.readFileSync(file, 'utf8'), 'one\ntwo i\nthree\n');
  });

test('of a line of which nothing was written, that is known', async (t) => {
  const { folder } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  nearlyFull(t, { room: ROOM_FOR_A_LOCK });

  await assert.rejects(
    journal.exclusively(() => journal.append('two')),
    (error) => !(error instanceof NotKnown),
  );
  assert.equal(await journal.read(), 'one\n');
});

test('a line that is torn is ended where there is room again', async (t) => {
  const { folder, file } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  const fault: Fault = { room: 3, whenFull: () => queueMicrotask(() => (fault.room = 1)) };
  nearlyFull(t, fault);

  await assert.rejects(journal.append('two is longer than three'), NotKnown);
  assert.equal(fs.readFileSync(file, 'utf8'), 'one\ntwo\n');
});

test('of a line that may be lost with the power it is not known whether it is there', async (t) => {
  const { folder } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  nearlyFull(t, { room: 1_000, cannotSync: true });

  await assert.rejects(
    journal.exclusively(() => journal.append('two')),
    NotKnown,
  );
});

/** Holds the first such call to a file opened from now on, until released. */
function holdUp(t: TestContext, call: 'truncate' | 'datasync' | 'write' | 'stat', isMine: () => boolean) {
  let [go, meet] = [(): void => undefined, (): void => undefined];
  const gone = new Promise<void>((resolve) => (go = resolve));
  const met = new Promise<void>((resolve) => (meet = resolve));
  const open = disk.open.bind(disk);
  t.mock.method(disk, 'open', async (...args: Parameters<typeof disk.open>) => {
    const file = await open(...args);
    if (typeof args[1] !== 'number' || !isMine()) return file;
    const real = (file[call] as (...all: readonly unknown[]) => Promise<unknown>).bind(file);
    const held = async (...all: readonly unknown[]) => {
      meet();
      await gone;
      return real(...all);
    };
    return Object.assign(file, { [call]: held });
  });
  return { met, go: () => go() };
}

test('what is carried out late for a window that tore its line cuts off no line of another', async (t) => {
  const { folder, file, lock } = setupFolder(t);
  const [first, second] = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
  await first.append('one');
  const slow = new AsyncLocalStorage<true>();
  t.after(() => slow.disable()); // async hooks slow down every promise of the process
  const held = holdUp(t, 'truncate', () => slow.getStore() === true);
  const fault: Fault = { room: ROOM_FOR_A_LOCK + 5 };
  nearlyFull(t, fault);

  const torn = slow.run(true, () => first.exclusively(() => first.append('two is longer than five')));
  const outcome = torn.catch((error: unknown) => error);
  await Promise.race([held.met, outcome]);
  fault.room = 1_000;
  fs.rmSync(lock, { force: true }); // as another window does with a lock that looks abandoned
  await second.exclusively(() => second.append('{"of":"another window"}'));
  held.go();

  assert.ok((await outcome) instanceof NotKnown);
  assert.equal(fs.readFileSync(file, 'utf8'), 'one\ntwo i\n{"of":"another window"}\n');
});

test('a line into which a frozen window has written late is not taken for written', async (t) => {
  const { folder, file } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  const held = holdUp(t, 'write', () => true);
  const written = journal.append('{"mine":1}');
  await held.met;
  fs.appendFileSync(file, '{"to');
  held.go();
  await assert.rejects(written, NotKnown);
  await journal.append('two');
  assert.equal((await journal.read()).split('\n').at(-2), 'two');
});

test('nothing is taken back of what others have written since this window was frozen', async (t) => {
  const { folder, file, lock } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  const fault: Fault = { room: ROOM_FOR_A_LOCK + 5 };
  fault.whenFull = () => {
    delete fault.whenFull;
    fs.writeFileSync(lock, 'of another window');
    fs.appendFileSync(file, '\n{"of":"another window"}\n');
  };
  nearlyFull(t, fault);

  await assert.rejects(
    journal.exclusively(() => journal.append('two is longer than five')),
    NotKnown,
  );
  assert.equal(await journal.read(), 'one\ntwo i\n{"of":"another window"}\n');
});

test('a text that finds no room takes the place of nothing', async (t) => {
  const { folder, file } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  nearlyFull(t, { room: ROOM_FOR_A_LOCK + 5, isMute: true });

  await assert.rejects(journal.exclusively(() => journal.replace('two is longer than five')));
  assert.equal(await journal.read(), 'one\n');
  assert.deepEqual(fs.readdirSync(folder), [path.basename(file)]);
});

test('a disk without room for a lock keeps nobody out once there is room', async (t) => {
  const { folder, lock } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  const journal = new JournalFile(folder, 'intents.jsonl');
  const fault = { room: 3 };
  nearlyFull(t, fault);

  await assert.rejects(
    journal.exclusively(() => Promise.resolve()),
    /ENOSPC/,
  );
  assert.equal(fs.existsSync(lock), false);
  fault.room = 1_000;
  assert.equal(await journal.exclusively(() => Promise.resolve('in')), 'in');
});

test('what a window that was killed left beside a file is removed, its last sign of life after an hour, and nothing else', async (t) => {
  const { folder, file } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, age: number) => {
    fs.writeFileSync(name, '');
    const stamp = new Date(Date.now() - age);
    fs.utimesSync(name, stamp, stamp);
  };
  const [old, ahead, fresh] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const others = ['mine.jsonl', 'intents.jsonl.bak', `other.jsonl.${old}`];
  const day = 86_400_000;
  write(`${file}.${old}`, 0);
  write(`${file}.${old}.beat`, day);
  write(`${file}.${ahead}.beat`, -day);
  write(`${file}.${fresh}.beat`, 60_000);
  for (const name of others) write(path.join(folder, name), day);

  await new JournalFile(folder, 'intents.jsonl').exclusively(() => Promise.resolve());

  assert.deepEqual(fs.readdirSync(folder).sort(), [...others, `intents.jsonl.${fresh}.beat`].sort());
});

test('a sign of life changes nothing that is written, and is seen by others until it is no longer given', async (t) => {
  const { folder, file } = setupFolder(t);
  const [here, there] = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
  await here.append('one');
  const { mtimeMs } = fs.statSync(file);
  const who = crypto.randomUUID();
  const signs = new Set([(await there.heartbeats([who])).get(who)]);
  for (let n = 0; n < 3; n++) {
    await here.heartbeat(who);
    signs.add((await there.heartbeats([who])).get(who));
    await timers.setTimeout(20);
  }
  assert.equal(signs.size, 4);
  assert.deepEqual([fs.readFileSync(file, 'utf8'), fs.statSync(file).mtimeMs], ['one\n', mtimeMs]);

  await here.rest(who);
  assert.deepEqual(fs.readdirSync(folder), [path.basename(file)]);
});

test('a name from a file that anybody could have written leads nowhere else', async (t) => {
  const { folder } = setupFolder(t);
  const heartbeats = await new JournalFile(folder, 'windows').heartbeats(['../../../../../etc/passwd', '\0']);
  assert.equal(heartbeats.size, 0);
});

test('a sign of life from a window that was frozen inside says so', async (t) => {
  const { folder, lock } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  const beat = journal.exclusively(async () => {
    fs.writeFileSync(lock, 'of another window');
    await journal.heartbeat(crypto.randomUUID());
  });
  await assert.rejects(beat, /taken the lock away/);
});

test('a text that took the place of another while others were let in is not said to be in order', async (t) => {
  const { folder, lock } = setupFolder(t);
  const journal = new JournalFile(folder, 'intents.jsonl');
  await journal.append('one');
  const rename = disk.rename.bind(disk);
  t.mock.method(disk, 'rename', async (...args: Parameters<typeof disk.rename>) => {
    fs.writeFileSync(lock, 'of another window');
    await rename(...args);
  });

  await assert.rejects(
    journal.exclusively(() => journal.replace('two\n')),
    /taken the lock away/,
  );
});

test(
  'what has the name of a file and is none keeps nobody waiting',
  { skip: process.platform === 'win32' },
  async (t) => {
    const { folder, file } = setupFolder(t);
    fs.mkdirSync(folder, { recursive: true });
    const journal = new JournalFile(folder, 'intents.jsonl');
    execFileSync('mkfifo', [file]);
    await soon('what only waits', assert.rejects(journal.read()));
    await soon('what only waits', assert.rejects(journal.append('line')));
    fs.rmSync(file);
    fs.mkdirSync(file);
    await assert.rejects(journal.read());
    fs.rmdirSync(file);
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 65 * 1024 * 1024);
    await assert.rejects(journal.read());
    fs.truncateSync(file, 64 * 1024);
    assert.equal((await journal.read()).length, 64 * 1024);
  },
);

test('a lock that is no file keeps nobody out for long', { skip: process.platform === 'win32' }, async (t) => {
  const { folder, lock } = setupFolder(t);
  fs.mkdirSync(folder, { recursive: true });
  hurry(t);
  for (const make of [() => fs.symlinkSync('/nowhere', lock), () => execFileSync('mkfifo', [lock])]) {
    make();
    assert.equal(
      await soon(
        'the lock',
        new JournalFile(folder, 'intents.jsonl').exclusively(async () => 'in'),
      ),
      'in',
    );
    assert.ok(!fs.existsSync(lock));
  }
});
