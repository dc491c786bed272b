import assert from 'node:assert/strict';
import test from 'node:test';
import { GuardFile } from '../../../src/guardian/guardFile';
import { NOTHING_SAID, readState, type GuardState } from '../../../src/guardian/guardState';
import { HeldJournal } from '../../fakes/heldJournal';
import { ManualClock, settled } from '../../fakes/manualClock';
import { LogBook, sessionId } from '../../fakes/setup';

const muted = (id: string) => (state: GuardState) => ({
  state: { ...state, muted: new Set([...state.muted, sessionId(id)]) },
});
const mutedIn = ({ state }: { readonly state: GuardState }) => [...state.muted];

class Disk extends HeldJournal {
  isFull = false;

  override replace(text: string): Promise<void> {
    return this.isFull ? Promise.reject(new Error('disk full')) : super.replace(text);
  }
}

function files(disk = new Disk()) {
  const log = new LogBook();
  const clock = new ManualClock();
  const leadership = { isLeader: true };
  const open = () =>
    new GuardFile({
      journal: () => Promise.resolve(disk),
      isLeader: () => Promise.resolve(leadership.isLeader),
      clock,
      log,
    });
  return { disk, clock, log, leadership, open };
}

test('what one window writes, the next one knows', async () => {
  const { open } = files();
  const [first, second] = [open(), open()];
  await first.alter(muted('one'));
  assert.deepEqual(mutedIn(second), []);
  await second.read();
  assert.deepEqual(mutedIn(second), ['one']);
  await second.alter(muted('two'));
  assert.deepEqual(mutedIn((await first.alter((state) => ({ state, extra: 1 })))!), ['one', 'two']);
});

test('a change that changes nothing is not written', async () => {
  const { disk, open } = files();
  await open().alter(muted('one'));
  disk.isFull = true;
  assert.ok(await open().alter((state) => ({ state })));
});

test('where the disk fails the leader goes on, and writes it down as soon as it can', async () => {
  const { disk, log, open } = files();
  const file = open();
  await file.alter(muted('one'));
  disk.isFull = true;
  await file.alter(muted('two'));
  assert.deepEqual(mutedIn(file), ['one', 'two']);
  assert.match(log.lines.join(), /could not be written down: disk full/);
  await file.read();
  assert.deepEqual(mutedIn(file), ['one', 'two'], 'what the disk refused is not forgotten');
  disk.isFull = false;
  await file.alter((state) => ({ state }));
  assert.deepEqual([...readState(await disk.read()).muted], ['one', 'two']);
});

test('what the disk refused is written later only if no other window has led and written meanwhile', async () => {
  const { disk, open } = files();
  const [first, second] = [open(), open()];
  await first.alter(muted('one'));
  disk.isFull = true;
  await first.alter(muted('two'));
  disk.isFull = false;
  await second.alter(muted('three'));
  await first.alter(muted('four'));
  assert.deepEqual([...readState(await disk.read()).muted], ['one', 'three', 'four']);
  disk.isFull = true;
  await first.alter(muted('five'));
  disk.isFull = false;
  await second.alter(muted('six'));
  await first.read();
  assert.deepEqual(mutedIn(first), ['one', 'three', 'four', 'six']);
});

test('where the disk fails nobody else says or does anything', async () => {
  const { disk, leadership, open } = files();
  disk.isFull = true;
  leadership.isLeader = false;
  const file = open();
  assert.equal(await file.alter(muted('one')), undefined);
  assert.deepEqual(mutedIn(file), []);
});

test('what was meant for another account is dropped', async () => {
  const { disk, open } = files();
  const file = open();
  let release = () => {};
  const held = disk.exclusively(() => new Promise<void>((resolve) => (release = resolve)));
  const altered = file.alter(muted('one'));
  file.forget();
  await Promise.resolve();
  release();
  await held;
  assert.equal(await altered, undefined);
  assert.deepEqual(file.state, NOTHING_SAID);
});

test('a reading that took long takes back nothing of what was said meanwhile', async () => {
  const { disk, open } = files();
  const [first, second] = [open(), open()];
  const release = disk.hold();
  const early = first.read();
  await settled();
  await first.alter(muted('one'));
  release();
  await early;
  assert.deepEqual(mutedIn(first), ['one'], 'by this window');

  const releaseAgain = disk.hold();
  const older = first.read();
  await settled();
  await second.alter(muted('two'));
  const newer = first.read();
  await settled();
  releaseAgain();
  await Promise.all([older, newer]);
  assert.deepEqual(mutedIn(first), ['one', 'two'], 'or by another one');
});

test('a reading that never returns is given up, and the next one reads', async () => {
  const { disk, clock, open } = files();
  const [first, second] = [open(), open()];
  disk.hold();
  const early = first.read();
  await settled();
  await second.alter(muted('one'));
  const late = first.read();
  await clock.advance(60_000);
  await Promise.all([early, late]);
  assert.deepEqual(mutedIn(first), ['one']);
});
