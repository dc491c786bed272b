import assert from 'node:assert/strict';
import fs from 'node:fs';
import disk from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { Intents } from '../../../src/sessions/intents';
import type { LedgerEvent } from '../../../src/sessions/ledger';
import { systemClock } from '../../../src/platform/clock';
import { JournalFile } from '../../../src/platform/node/journalFile';
import { LogBook, machineId } from '../../fakes/setup';
import { turn } from '../../fakes/until';
import { setupFolder, hurry } from './journalFile';

/** A window that reads only the ledger. */
function windowAt(folder: string): Intents {
  return new Intents({
    journal: new JournalFile(folder, 'intents.jsonl'),
    scope: () => Promise.resolve('scope'),
    clock: systemClock,
    log: new LogBook(),
  });
}

/** Whether this window may request a session: only if no other is about to. */
function claimBy(window: Intents, intent: string): Promise<boolean> {
  const at = Date.now();
  const event: LedgerEvent = { kind: 'createAsked', intent, machineId: machineId('m'), gpu: 'T4', at, known: [] };
  return window.claim(event, ({ creates }) => creates.size === 0);
}

/** Where the first window stalls at the disk until `go`. */
const STALLS: Readonly<Record<string, (t: TestContext) => { readonly met: Promise<void>; readonly go: () => void }>> = {
  'before the ledger opens': (t) => stall(t, (file) => Promise.resolve(file), true),
  'before the line is written': (t) =>
    stall(t, (file, wait) => {
      const write = file.write.bind(file);
      return Promise.resolve(Object.assign(file, { write: (bytes: Uint8Array) => wait().then(() => write(bytes)) }));
    }),
  'before the line is kept': (t) =>
    stall(t, (file, wait) => {
      const sync = file.datasync.bind(file);
      return Promise.resolve(Object.assign(file, { datasync: () => wait().then(sync) }));
    }),
};

type Handle = Awaited<ReturnType<typeof disk.open>>;

/** Only the first opening of the ledger. */
function stall(t: TestContext, slow: (file: Handle, wait: () => Promise<void>) => Promise<Handle>, isAtOnce = false) {
  let go: () => void = () => undefined;
  let meet: () => void = () => undefined;
  const met = new Promise<void>((resolve) => (meet = resolve));
  const gone = new Promise<void>((resolve) => (go = resolve));
  const wait = () => {
    meet();
    return gone;
  };
  const real = disk.open.bind(disk);
  let isFirst = true;
  t.mock.method(disk, 'open', async (...args: Parameters<typeof disk.open>) => {
    const isToAppend = typeof args[1] === 'number' && (args[1] & disk.constants.O_APPEND) !== 0;
    if (!isToAppend || !isFirst) return real(...args);
    isFirst = false;
    if (isAtOnce) await wait();
    return slow(await real(...args), wait);
  });
  return { met, go: () => go() };
}

for (const [when, begin] of Object.entries(STALLS))
  test(`of two windows one at most may ask for a session, though the first froze ${when}`, async (t) => {
    const { folder } = setupFolder(t);
    hurry(t);
    const [first, second] = [windowAt(folder), windowAt(folder)];
    const { met, go } = begin(t);

    const late = claimBy(first, 'first').catch(() => 'refused');
    await met;
    const soon = await claimBy(second, 'second');
    go();

    assert.equal(await late, 'refused');
    assert.equal(soon, when !== 'before the line is kept', 'whoever sees the line of the first asks for nothing');
    // The first window's intent is over, the second's is not.
    const open = soon ? ['second'] : [];
    const closed = async () => [...(await windowAt(folder).read()).creates.keys()];
    for (let n = 0; n < 100 && (await closed()).join() !== open.join(); n++) await turn();
    assert.deepEqual(await closed(), open);
    const lines = fs.readFileSync(path.join(folder, 'intents.jsonl'), 'utf8');
    assert.equal(lines.includes('"second"'), soon, 'nothing of others is cut off');
  });
