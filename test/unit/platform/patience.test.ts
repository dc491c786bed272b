import assert from 'node:assert/strict';
import test from 'node:test';
import { NotKnown, type Journal } from '../../../src/platform/journal';
import { MemoryJournal } from '../../fakes/memoryFiles';
import { patientFiles } from '../../../src/platform/patience';
import { ManualClock, settled } from '../../fakes/manualClock';

const SECOND = 1_000;

/** A disk whose operations can be stalled. */
class StallingDisk extends MemoryJournal {
  readonly stalled = new Set<keyof Journal>();
  readonly #waiting: (() => void)[] = [];

  answer(): void {
    this.stalled.clear();
    for (const go of this.#waiting.splice(0)) go();
  }

  override async read(): Promise<string> {
    await this.#step('read');
    return super.read();
  }

  override async append(line: string): Promise<void> {
    await this.#step('append');
    return super.append(line);
  }

  override async replace(text: string): Promise<void> {
    await this.#step('replace');
    return super.replace(text);
  }

  override async exclusively<T>(work: () => Promise<T>): Promise<T> {
    await this.#step('exclusively');
    return super.exclusively(work);
  }

  #step(what: keyof Journal): Promise<void> {
    if (!this.stalled.has(what)) return Promise.resolve();
    return new Promise((go) => this.#waiting.push(go));
  }
}

function setup() {
  const clock = new ManualClock();
  const disk = new StallingDisk();
  const journal = patientFiles(() => disk, clock)('intents.jsonl');
  return { clock, disk, journal };
}

/** Its result within ten seconds, or `pending`. */
async function soon<T>(clock: ManualClock, work: Promise<T>): Promise<T | 'pending'> {
  work.catch(() => undefined);
  await clock.advance(10 * SECOND);
  return Promise.race([work, Promise.resolve('pending' as const)]);
}

test('a read that never returns fails after some seconds', async () => {
  const { clock, disk, journal } = setup();
  disk.stalled.add('read');
  await assert.rejects(soon(clock, journal.read()), /does not answer/);
  assert.equal(clock.pending, 0);
});

for (const what of ['append', 'replace'] as const)
  test(`of a write that never returns (${what}) it is not known whether it was written`, async () => {
    const { clock, disk, journal } = setup();
    disk.stalled.add(what);
    await assert.rejects(
      soon(
        clock,
        journal.exclusively(() => journal[what]('one')),
      ),
      NotKnown,
    );
  });

test('nobody comes in behind a write that has not come back: it could land in the middle', async () => {
  const { clock, disk, journal } = setup();
  disk.stalled.add('append');
  await assert.rejects(
    soon(
      clock,
      journal.exclusively(() => journal.append('one')),
    ),
  );
  disk.stalled.clear();
  const entered: string[] = [];
  const second = journal.exclusively(async () => void entered.push('second'));
  await clock.advance(SECOND);
  assert.deepEqual(entered, []);
  disk.answer();
  await second;
  assert.deepEqual([entered, await journal.read()], [['second'], 'one\n']);
});

test('a caller whose entry has failed does not enter later', async () => {
  const { clock, disk, journal } = setup();
  disk.stalled.add('exclusively');
  const entered: string[] = [];
  const work = journal.exclusively(async () => void entered.push('late'));
  await assert.rejects(soon(clock, work), /let us in/);
  disk.answer();
  await settled();
  assert.deepEqual(entered, []);
});

test('a window that freezes does not lose its patience meanwhile', async () => {
  const { clock, disk, journal } = setup();
  disk.stalled.add('read');
  const read = journal.read();
  clock.jump(3_600_000);
  await clock.advance(2 * SECOND);
  disk.answer();
  assert.equal(await read, '');
});

test('what is done in time costs nothing more, and a failure is passed on', async () => {
  const { clock, journal } = setup();
  assert.equal(await journal.exclusively(() => Promise.resolve('done')), 'done');
  await assert.rejects(
    journal.exclusively(() => Promise.reject(new Error('no'))),
    /no/,
  );
  await journal.exclusively(() => journal.append('one'));
  assert.equal(await journal.read(), 'one\n');
  assert.equal(clock.pending, 0);
});
