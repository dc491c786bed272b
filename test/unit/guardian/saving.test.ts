import assert from 'node:assert/strict';
import test from 'node:test';
import { TransferProgress, type SaveProgress } from '../../../src/outputs/transferProgress';
import { announcedToEnd, dueToSave, isDueToSave, isShortOfTime } from '../../../src/outputs/savingTime';
import { bytesText, progressText, savedText, unsavedLines, unsavedText } from '../../../src/outputs/savedText';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { ManualClock } from '../../fakes/manualClock';
import { sessionId } from '../../fakes/setup';

const due = (sessions: Parameters<typeof session>[1][], saved = new Map<string, number>()) => {
  const known = new Map([...saved].map(([id, at]) => [sessionId(id), at]));
  const all = sessions.map((look, at) => session(`s${at}`, look));
  return dueToSave(ready({ sessions: all }), NOW, known).map(({ id }) => id);
};

test('outputs are due in the last three minutes, and no more once time is up', () => {
  const at = (left: number) => isDueToSave({ endsAt: NOW + left }, NOW);
  assert.deepEqual([180_001, 180_000, 1, 0, -1].map(at), [false, true, true, false, false]);
});

test('a long saving begins earlier', () => {
  const at = (left: number) => isDueToSave({ endsAt: NOW + left }, NOW, 10 * MINUTE);
  assert.deepEqual([10 * MINUTE + 10_001, 10 * MINUTE + 10_000].map(at), [false, true]);
});

test('only ready sessions of one’s own are saved by themselves', () => {
  assert.deepEqual(due([{ left: 2 }, { left: 2, by: 'user-mira' }, { left: 2, phase: 'starting' }, { left: 4 }]), [
    's0',
  ]);
  assert.deepEqual(due([{ phase: 'undated' }, { phase: 'ending' }]), []);
});

test('outputs are saved once for every end', () => {
  const ends = NOW + 2 * MINUTE;
  assert.deepEqual(due([{ left: 2 }], new Map([['s0', ends + 1_000]])), [], 'the server rounds');
  assert.deepEqual(due([{ left: 2 }], new Map([['s0', ends - 15 * MINUTE]])), ['s0'], 'it was extended');
});

test('only ready sessions of one’s own whose end is announced are saved before it', () => {
  const looks = [{}, {}, { by: 'user-mira' }, { phase: 'ending' }] as const;
  const sessions = looks.map((look, at) => session(`s${at}`, look));
  const countdowns = new Map(['s0', 's2', 's3'].map((id) => [sessionId(id), NOW + MINUTE]));
  const announced = announcedToEnd(ready({ sessions }), countdowns);
  assert.deepEqual(
    announced.map(({ id }) => id),
    ['s0'],
  );
});

const progress = (done: number, total: number, speed: number | undefined): SaveProgress => ({
  files: { done: 1, failed: 0, total: 3 },
  bytes: { done, total },
  speed,
});

test('time is short when the rest takes longer than what is left', () => {
  assert.equal(isShortOfTime(progress(0, 1_000, 10), 100_000), true, 'it would be done in the last moment');
  assert.equal(isShortOfTime(progress(0, 1_000, 10), 110_000), false);
  assert.equal(isShortOfTime(progress(1_000, 1_000, 10), 1), false, 'nothing is left');
  assert.equal(isShortOfTime(progress(0, 1_000, undefined), 1), false, 'nobody can tell yet');
});

test('progress is reported a few times a second and for every file, and its speed counts what came over the network', () => {
  const clock = new ManualClock();
  const reports: SaveProgress[] = [];
  const transfer = new TransferProgress(clock, (one) => reports.push(one));
  transfer.learn(2);
  transfer.expect(1_000);
  transfer.expect(500);
  transfer.came(400, false);
  for (let n = 0; n < 10; n++) transfer.came(10, true);
  assert.deepEqual(reports, [
    { files: { done: 0, failed: 0, total: 2 }, bytes: { done: 400, total: 1_500 }, speed: undefined },
  ]);
  clock.jump(2_000);
  assert.equal(transfer.received, 100);
  transfer.finished();
  assert.deepEqual(reports.at(-1)?.files, { done: 1, failed: 0, total: 2 });
  transfer.failed();
  assert.deepEqual(reports.at(-1)?.files, { done: 1, failed: 1, total: 2 });
  assert.equal(reports.at(-1)?.speed, undefined, 'a wall clock that is set is no time that passed');
});

test('the speed is shown after a second', async () => {
  const clock = new ManualClock();
  const reports: SaveProgress[] = [];
  const transfer = new TransferProgress(clock, (one) => reports.push(one));
  transfer.came(1_000, true);
  await clock.advance(2_000);
  transfer.came(1_000, true);
  assert.equal(reports.at(-1)?.speed, 1_000);
});

test('sizes read as people say them', () => {
  assert.deepEqual([0, 1, 999_999, 1_400_000, 999_000_000, 1_250_000_000].map(bytesText), [
    '0 kB',
    '1 kB',
    '1000 kB',
    '1 MB',
    '999 MB',
    '1.3 GB',
  ]);
  assert.equal(progressText(progress(5e6, 34e6, 1)), '1 of 3 files, 5 MB of 34 MB');
  const some = { ...progress(5e6, 34e6, 1), files: { done: 4, failed: 3, total: 7 } };
  assert.equal(progressText(some), '4 of 7 files, 5 MB of 34 MB, 3 could not be saved');
});

const saved = {
  place: '/out',
  saved: 0,
  skipped: 0,
  failed: [],
  left: 0,
  bytes: 0,
  workflows: 0,
  missed: 0,
  upTo: undefined,
};
const gone = (filename: string) => ({ filename, why: 'It is gone.' });

test('what was saved is one sentence, whatever came of it', () => {
  const texts = [
    { ...saved, saved: 12, bytes: 34e6, workflows: 1 },
    { ...saved, saved: 1, bytes: 10, skipped: 1 },
    { ...saved, workflows: 2 },
    { ...saved, skipped: 4 },
    { ...saved, failed: [gone('a')] },
    saved,
  ].map(savedText);
  assert.deepEqual(texts, [
    'Saved 12 files (34 MB) and 1 workflow to /out.',
    'Saved 1 file (1 kB) to /out. 1 file was already there.',
    'Saved 2 workflows to /out.',
    'Nothing new in /out since the last time. 4 files were already there.',
    'Nothing was saved.',
    'This session has no outputs to save.',
  ]);
});

test('what could not be saved is named, a few at most, with the reason if it is one', () => {
  assert.equal(unsavedText(saved), undefined);
  const failed = ['a', 'b\nc', 'd', 'e', 'f'].map(gone);
  const some = { ...saved, saved: 7, failed };
  assert.equal(unsavedText(some), '5 of 12 files could not be saved: a, b c, d, and 2 more. It is gone.');
  const mixed = { ...saved, failed: [gone('a'), { filename: 'b', why: 'The disk is full.' }] };
  assert.equal(unsavedText(mixed), '2 of 2 files could not be saved. a: It is gone. b: The disk is full.');
});

test('what finished too late to be saved is said, besides what could not be', () => {
  assert.equal(unsavedText({ ...saved, missed: 1 }), 'Still rendering. Runs that are not saved: at least 1.');
  assert.equal(
    unsavedText({ ...saved, saved: 1, failed: [gone('a')], missed: 3 }),
    '1 of 2 files could not be saved: a. It is gone. Still rendering. Runs that are not saved: at least 3.',
  );
});

test('reasons are listed with their files, the most frequent first, and rare ones are left to the log', () => {
  const of = (why: string, count: number) => Array.from({ length: count }, (_, n) => ({ filename: `${why}${n}`, why }));
  const failed = [...of('W.', 1), ...of('X.', 2), ...of('Y.', 4), ...of('Z.', 3)];
  assert.equal(
    unsavedText({ ...saved, failed }),
    '10 of 10 files could not be saved. Y.0, Y.1, Y.2, and 1 more: Y. Z.0, Z.1, Z.2: Z. X.0, X.1: X. See the log for 1 more.',
  );
  assert.deepEqual(unsavedLines({ failed: [...of('W.', 1), ...of('X.', 250)] }).slice(-2), [
    'Not saved: X.198. X.',
    'Not saved: 51 more files.',
  ]);
});
