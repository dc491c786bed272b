import assert from 'node:assert/strict';
import test from 'node:test';
import { Intents } from '../../../src/sessions/intents';
import type { LedgerState } from '../../../src/sessions/ledger';
import type { Files, Journal } from '../../../src/platform/journal';
import { memoryFiles, MemoryJournal } from '../../fakes/memoryFiles';
import type { Ready } from '../../../src/sessions/snapshot';
import type { Clock } from '../../../src/platform/clock';
import { restAfter } from '../../../src/sessions/cadence';
import { answer } from '../../fakes/faults';
import { HeldJournal } from '../../fakes/heldJournal';
import { ManualClock, settled } from '../../fakes/manualClock';
import { LogBook, machineId, phasesOf, readyOf, sessionId, setup } from '../../fakes/setup';
import { FakeMemento } from '../../fakes/vscode/storage';
import { sessionWire } from '../../fakes/wire';

const MINUTE = 60_000;
const REQUEST = { machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 };
const CREATE = 'POST /session';
const EXTEND = 'POST /session/one/increase-timeout';

/** Files in memory, except for the given ledger. */
function filesWith(ledger: Journal): Files {
  const others = memoryFiles();
  return (name) => (name === 'intents.jsonl' ? ledger : others(name));
}

/** A disk that is full. */
class FullDisk extends MemoryJournal {
  readonly place = '/home/ann/.local/state/comfydeploy-sessions';
  override append(): Promise<void> {
    return Promise.reject(new Error('ENOSPC'));
  }
}

/** A first window crashed before its request for a session was answered. */
async function setupCrashed() {
  const journal = new MemoryJournal();
  const first = setup(filesWith(journal));
  await first.store.refresh();
  first.api.fail(CREATE, { kind: 'silent' });
  first.api.unlisted = ['created-1'];
  first.store.create(REQUEST).catch(() => undefined);
  await settled();
  first.app.life.dispose();
  assert.equal(first.api.count(CREATE), 1);

  const second = setup(filesWith(journal));
  second.api.sessions = first.api.sessions;
  second.api.unlisted = ['created-1'];
  return { ...second, journal };
}

const bill = (at: number) => ({ gpu: 'T4', created_at: new Date(at).toISOString(), start_time: null, end_time: null });

test('before anything is asked for it is written down, without a key or an address', async () => {
  const journal = new MemoryJournal();
  const { api, store } = setup(filesWith(journal));
  await store.refresh();
  const release = api.hold(CREATE);
  const created = store.create(REQUEST);
  await settled();

  assert.match(await journal.read(), /^\{"scope":"[\da-f]{8}",.*"createAsked".*\}\n$/);
  assert.doesNotMatch(await journal.read(), /eyJ|https?:|user-me/);
  release();
  await created;
});

test('after a restart, a session whose answer nobody saw is found on the bill, announced once, and shown', async () => {
  const { api, clock, store } = await setupCrashed();
  const adopted: string[] = [];
  store.onDidAdopt((id) => adopted.push(id));
  api.events = [{ ...bill(clock.now()), session_id: 'created-1' }];
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), [], 'its own window might still be waiting');
  assert.equal(restAfter(store.snapshot, false, clock.now()), 5_000, 'so it is looked for again soon');

  await clock.advance(MINUTE);
  await store.refresh();
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), ['created-1 starting']);
  assert.deepEqual(adopted, ['created-1']);
});

test('who asks again for a session that was born unseen gets that one, not a second', async () => {
  const { api, clock, store } = await setupCrashed();
  api.events = [{ ...bill(clock.now()), session_id: 'created-1' }];

  assert.equal(await clock.finish(store.create(REQUEST)), 'created-1');
  assert.equal(api.count(CREATE), 0);
});

test('a request that left no trace is given up after two minutes, and before that no second is sent', async () => {
  const { api, clock, store } = await setupCrashed();
  api.sessions = [];

  await clock.advance(MINUTE);
  await assert.rejects(clock.finish(store.create(REQUEST)), { kind: 'refused', message: /still unanswered/ });
  assert.equal(api.count(CREATE), 0);
  await clock.advance(MINUTE + 1_000);
  await store.refresh();

  const { isUnsettled }: Ready = readyOf(store.snapshot);
  assert.equal(isUnsettled, undefined);
  await store.create(REQUEST);
  assert.equal(api.count(CREATE), 1);
});

test('a look that fails proves nothing, however late', async () => {
  const { api, clock, store } = await setupCrashed();
  await clock.advance(10 * MINUTE);
  api.fail('GET /machine/machine-1/events', answer(403, ''));
  await store.refresh();

  assert.equal(readyOf(store.snapshot).isUnsettled, true);
});

test('after a restart, an end that was asked for is still shown as such, and asked for again', async () => {
  const journal = new MemoryJournal();
  const first = setup(filesWith(journal));
  first.api.sessions = [sessionWire('one', first.clock.now())];
  await first.store.refresh();
  first.api.fail('DELETE /session/one', { kind: 'unreachable' }, { kind: 'unreachable' }, { kind: 'unreachable' });
  await assert.rejects(first.clock.finish(first.store.end(sessionId('one'))), { kind: 'offline' });

  const { api, store } = setup(filesWith(journal));
  api.sessions = first.api.sessions;
  await store.refresh();
  await settled();

  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.equal(api.count('DELETE /session/one'), 1);
});

test('what another window has ended is shown as ending here too', async () => {
  const journal = new MemoryJournal();
  const [here, there] = [setup(filesWith(journal)), setup(filesWith(journal))];
  for (const { api, clock, store } of [here, there]) {
    api.sessions = [sessionWire('one', clock.now())];
    await store.refresh();
  }
  await there.store.end(sessionId('one'));
  await here.store.refresh();

  assert.deepEqual(phasesOf(here.store.snapshot), ['one ending']);
});

test('an end that was moved already by another window is not moved again', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  api.sessions = [sessionWire('one', clock.now(), { timeout_end: '2030-01-01T12:40:00' })];

  const { session, wasThere } = await store.extend(sessionId('one'), 10);
  assert.equal('endsAt' in session && session.endsAt, Date.UTC(2030, 0, 1, 12, 40), 'from what was shown');
  assert.equal(wasThere, true, 'by somebody else');
  assert.equal(api.count('POST /session/one/increase-timeout'), 0);
});

test('a clock that is set ahead takes nothing out of the hand of another window', async () => {
  const files = memoryFiles();
  const { api, clock, store } = setup(files);
  let ahead = 0;
  const set: Clock = {
    now: () => clock.now() + ahead,
    monotonic: () => clock.monotonic(),
    after: (ms, run) => clock.after(ms, run),
  };
  const other = setup(files, new FakeMemento(), { api, clock }, { clock: set });
  api.sessions = [sessionWire('one', clock.now())];
  for (const one of [store, other.store]) await one.refresh();
  const release = api.hold('GET /session/one');
  const first = store.extend(sessionId('one'), 10);
  await settled();
  ahead = 60 * MINUTE;
  const second = other.store.extend(sessionId('one'), 10);
  await settled();
  release();
  await clock.finish(Promise.all([first, second]));
  assert.equal(api.count(EXTEND), 1);
});

test('a full disk keeps a session from being started or extended, and never from being ended', async () => {
  const disk = new FullDisk();
  const { api, clock, log, store } = setup(filesWith(disk));
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  const unwritten = {
    kind: 'refused',
    message:
      /Nothing was sent, .* written to \/home\/ann\/.local\/state\/comfydeploy-sessions\. Check that its disk is not full/,
  };

  await assert.rejects(store.create(REQUEST), unwritten);
  await assert.rejects(store.extend(sessionId('one'), 10), unwritten);
  assert.equal(api.calls.filter(({ method }) => method === 'POST').length, 0);

  await store.end(sessionId('one'));
  assert.equal(api.count('DELETE /session/one'), 1);
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.match(log.lines.join('\n'), /ledger could not be written: ENOSPC/);
});

test('a disk that hangs holds up no end for long', async () => {
  const hanging = new (class extends MemoryJournal {
    override append(): Promise<void> {
      return new Promise(() => undefined);
    }
  })();
  const { api, clock, store } = setup(filesWith(hanging));
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  await clock.finish(store.end(sessionId('one')));
  assert.equal(api.count('DELETE /session/one'), 1);
});

/** A disk whose writes start and do not return until released. */
class StallingDisk extends MemoryJournal {
  isStalled = true;
  #waiting: (() => void)[] = [];

  answer(): void {
    this.isStalled = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  override async append(line: string): Promise<void> {
    if (this.isStalled) await new Promise<void>((go) => this.#waiting.push(go));
    return super.append(line);
  }
}

test('of what may have been written nothing is sent, and the way is free as soon as the disk answers', async () => {
  const disk = new StallingDisk();
  const [here, there] = [setup(filesWith(disk)), setup(filesWith(disk))];
  for (const { store } of [here, there]) await store.refresh();

  await assert.rejects(here.clock.finish(here.store.create(REQUEST)), { kind: 'refused', message: /Nothing was sent/ });
  assert.equal(here.api.count(CREATE), 0);
  disk.answer();
  await settled();
  assert.match(await disk.read(), /createAsked/, 'it has landed after all');

  await here.store.refresh();
  await settled();
  await there.store.create(REQUEST);
  assert.equal(there.api.count(CREATE), 1, 'nobody waits two minutes for what was never sent');
});

test('a file that can never be read keeps no window from asking the server', async () => {
  const hanging = new (class extends MemoryJournal {
    override read(): Promise<string> {
      return new Promise(() => undefined);
    }
  })();
  const { api, clock, store } = setup(filesWith(hanging));
  for (let n = 1; n <= 3; n++) {
    await clock.finish(store.refresh());
    assert.equal(api.count('GET /sessions'), n);
  }
  await assert.rejects(clock.finish(store.create(REQUEST)), { kind: 'refused', message: /Nothing was sent/ });
});

test('what the disk refused is written down as soon as it takes it', async () => {
  const disk = new (class extends MemoryJournal {
    isFull = false;
    override append(line: string): Promise<void> {
      return this.isFull ? Promise.reject(new Error('ENOSPC')) : super.append(line);
    }
  })();
  const { api, clock, store } = setup(filesWith(disk));
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();
  disk.isFull = true;
  await store.end(sessionId('one'));
  assert.equal(await disk.read(), '');
  disk.isFull = false;
  await store.refresh();
  await settled();
  assert.match(await disk.read(), /cancelAsked/);
});

test('a session that was found is shown though the disk is full', async () => {
  const disk = new (class extends MemoryJournal {
    isFull = false;
    override append(line: string): Promise<void> {
      return this.isFull ? Promise.reject(new Error('ENOSPC')) : super.append(line);
    }
  })();
  const first = setup(filesWith(disk));
  await first.store.refresh();
  first.api.fail(CREATE, { kind: 'silent' });
  first.store.create(REQUEST).catch(() => undefined);
  await settled();
  first.app.life.dispose();

  disk.isFull = true;
  const { api, clock, store } = setup(filesWith(disk));
  const adopted: string[] = [];
  store.onDidAdopt((id) => adopted.push(id));
  api.sessions = first.api.sessions;
  await clock.advance(MINUTE);
  await store.refresh();
  await store.refresh();
  assert.deepEqual(adopted, ['created-1'], 'whoever asked for it is told, and once');
  assert.deepEqual(phasesOf(store.snapshot), ['created-1 starting']);
  assert.equal(readyOf(store.snapshot).problem, undefined);
});

test('a disk that fails in one way is complained of once, and again when it fails in another', async () => {
  const failures: (Error | undefined)[] = [];
  const disk = new (class extends MemoryJournal {
    override read(): Promise<string> {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : super.read();
    }
  })();
  const { store, log } = setup(filesWith(disk));
  const [eio, eacces] = ['EIO: i/o error', 'EACCES: permission denied'].map((text) => new Error(text));
  const complaints = async (...of: (Error | undefined)[]) => {
    log.lines.length = 0;
    for (const one of of) {
      failures.push(one);
      await store.refresh();
    }
    return log.lines.filter((line) => line.includes('ledger')).length;
  };
  assert.equal(await complaints(eio, eio, eio), 1);
  assert.equal(await complaints(eio, eio), 0);
  assert.equal(await complaints(eacces, eacces), 1);
  assert.equal(await complaints(undefined, eacces), 1, 'it went well in between');
});

test('a ledger that has grown is made small again', async () => {
  const journal = new MemoryJournal();
  const over = '{"scope":"s","on":1893499200000,"event":{"kind":"ended","sessionId":"one"}}\n';
  await journal.replace(over.repeat(1_000));
  const { store } = setup(filesWith(journal));

  await store.refresh();

  assert.equal(await journal.read(), '');
});

/** The ledgers of two windows; readings of the first one's disk are held. */
function setupTwo() {
  const journal = new HeldJournal();
  const clock = new ManualClock();
  const log = new LogBook();
  const open = () => new Intents({ journal, scope: () => Promise.resolve('scope'), clock, log });
  const asked = (id: string) => ({ kind: 'cancelAsked', sessionId: sessionId(id), at: clock.now() }) as const;
  return { journal, clock, log, mine: open(), other: open(), asked };
}

test('a slow reading takes back nothing of a later one', async () => {
  const { journal, mine, other, asked } = setupTwo();
  const release = journal.hold();
  const early = mine.read();
  await settled();
  await other.note(asked('one'));
  const late = mine.read();
  await settled();
  release();
  await Promise.all([early, late]);
  assert.deepEqual([...mine.state.ends.keys()], ['one']);
  assert.deepEqual([...(await late).ends.keys()], ['one'], 'who asked later is told what was written before');
});

test('a reading that began before this window wrote takes back nothing of that', async () => {
  const { journal, mine, asked } = setupTwo();
  const release = journal.hold();
  const early = mine.read();
  await settled();
  await mine.note(asked('one'));
  release();
  assert.deepEqual([...(await early).ends.keys()], ['one']);
});

test('a reading that never returns is given up: what is asked for later is read, and may be written', async () => {
  const { journal, clock, log, mine, other, asked } = setupTwo();
  journal.hold();
  const early = mine.read();
  await settled();
  await other.note(asked('one'));
  const late = mine.read();
  await clock.advance(MINUTE);
  await early;
  assert.deepEqual([...(await late).ends.keys()], ['one']);
  assert.match(log.lines.join(), /could not be read/);

  journal.hold();
  void mine.read();
  await settled();
  const isFree = ({ ends }: LedgerState) => ends.size === 1;
  assert.equal(await mine.claim(asked('two'), isFree), true, 'whoever keeps others out does not wait for it');
  assert.deepEqual([...mine.state.ends.keys()], ['one', 'two']);
});
