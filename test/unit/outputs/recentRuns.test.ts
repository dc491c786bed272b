import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { keyOf, type OutputFile } from '../../../src/comfyui/outputs';
import {
  hasFinished,
  MOST_FILES,
  newestFiles,
  NO_RUNS,
  reachesFar,
  withPage,
  type RecentRun,
  type RecentRuns,
} from '../../../src/outputs/recentRuns';
import type { KnownActivity, Work } from '../../../src/comfydeploy/model';

const file = (filename: string): OutputFile => ({ filename, subfolder: '', type: 'output' });
const run = (promptId: string, names: readonly string[], finishedAt?: number): RecentRun => ({
  promptId,
  files: names.map(file),
  finishedAt,
});
const namesOf = (known: RecentRuns) => newestFiles(known.runs).map((one) => one.file.filename);

test('the last run comes first, and in it the last file', () => {
  const known = withPage(NO_RUNS, [run('one', ['a', 'b']), run('two', ['c', 'd'])], true);
  assert.deepEqual(namesOf(known), ['d', 'c', 'b', 'a']);
  assert.equal(known.hasMore, false);
});

test('a file stands where it was named last, with the time of that run', () => {
  const known = withPage(NO_RUNS, [run('one', ['a', 'b'], 1), run('two', ['a'], 2)], true);
  assert.deepEqual(
    newestFiles(known.runs).map((one) => [one.file.filename, one.promptId, one.finishedAt]),
    [
      ['a', 'two', 2],
      ['b', 'one', 1],
    ],
  );
});

test('what a later look does not tell of stays: a history can be cleared, and its files are still there', () => {
  const first = withPage(NO_RUNS, [run('one', ['a'])], true);
  assert.deepEqual(namesOf(withPage(first, [], true)), ['a']);
  assert.deepEqual(namesOf(withPage(first, [run('two', ['b'])], true)), ['b', 'a']);
});

test('times stay as they were first read', () => {
  const first = withPage(NO_RUNS, [run('one', ['a'], 1_000)], true);
  const again = withPage(first, [run('one', ['a'], 1_400), run('two', ['b'], 2_000)], false);
  assert.deepEqual(
    newestFiles(again.runs).map(({ finishedAt }) => finishedAt),
    [2_000, 1_000],
  );
});

test('a look goes back to what is known, or to as many files as are shown', () => {
  const known = withPage(NO_RUNS, [run('one', ['a'])], true);
  assert.equal(reachesFar(known, [run('one', ['a']), run('two', ['b'])]), true);
  assert.equal(reachesFar(known, [run('two', ['b']), run('three', ['c'])]), false);
  const many = Array.from({ length: MOST_FILES }, (_, n) => `f${n}`);
  assert.equal(reachesFar(NO_RUNS, [run('one', many)]), true);
  assert.equal(reachesFar(NO_RUNS, [run('one', many.slice(1))]), false);
});

test('that there is more is said where files were left out, or may have been', () => {
  const one = [run('one', ['a'])];
  assert.equal(withPage(NO_RUNS, one, true).hasMore, false);
  assert.equal(withPage(NO_RUNS, one, false).hasMore, true);
  const all = withPage(NO_RUNS, one, true);
  assert.equal(withPage(all, [...one, run('two', ['b'])], false).hasMore, false, 'it goes back to what was all');
  const tenThousand = Array.from({ length: 10_000 }, (_, n) => `${n}.png`);
  const large = withPage(NO_RUNS, [run('one', tenThousand)], true);
  assert.deepEqual([namesOf(large).length, namesOf(large)[0], large.hasMore], [MOST_FILES, '9999.png', true]);
  assert.equal(withPage(large, [run('one', tenThousand)], true).hasMore, true);
});

const histories = fc.array(
  fc.uniqueArray(
    fc.nat(33).map((n) => `f${n}`),
    { maxLength: 30 },
  ),
  { maxLength: 60 },
);

test('however a history is read, the files are the newest of it, each once, within bounds', () => {
  fc.assert(
    fc.property(histories, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }), (all, cuts) => {
      const runs = all.map((names, n) => run(`run ${n}`, names));
      let known = NO_RUNS;
      // Each look reads back to what is known, as `reachesFar` sees to.
      for (const end of [...cuts.toSorted((a, b) => a - b), all.length]) {
        known = withPage(known, runs.slice(0, end), true);
        const expected: string[] = [];
        for (const { files } of runs.slice(0, end).toReversed())
          for (const { filename } of files.toReversed())
            if (!expected.includes(filename) && expected.length < MOST_FILES) expected.push(filename);
        const shown = namesOf(known);
        assert.deepEqual(shown, expected.slice(0, shown.length));
        assert.ok(shown.length === expected.length || known.hasMore, 'what is missing is said');
        assert.equal(new Set(newestFiles(known.runs).map((one) => keyOf(one.file))).size, shown.length);
        assert.ok(known.runs.length <= 32 && known.runs.every(({ files }) => files.length <= MOST_FILES));
      }
    }),
  );
});

const work = (activity: Work['activity']): Work => ({ activity, vram: undefined, readAt: 0 });
const idle = (since: number): KnownActivity => ({ kind: 'idle', since });
const rendering = (queued: number, since = 0): KnownActivity => ({ kind: 'rendering', queued, since });

test('a run has finished when the queue shrinks, empties, or is idle since another time', () => {
  const cases: readonly (readonly [before: KnownActivity | undefined, after: KnownActivity, boolean])[] = [
    [undefined, idle(0), true],
    [idle(0), idle(0), false],
    [idle(0), idle(5), true],
    [idle(0), rendering(0), false],
    [rendering(2), rendering(1), true],
    [rendering(1), rendering(1), false],
    [rendering(1), rendering(2), false],
    [rendering(0, 1), rendering(0, 9), true],
    [rendering(0), idle(9), true],
  ];
  for (const [before, after, expected] of cases)
    assert.equal(hasFinished(before && work(before), work(after)), expected, JSON.stringify([before, after]));
});

test('what cannot be read is no news, and compares with what was known before', () => {
  assert.equal(hasFinished(work(idle(0)), undefined), false);
  assert.equal(hasFinished(work(idle(0)), work({ kind: 'unknown' })), false);
  assert.equal(hasFinished(work(idle(0)), work({ kind: 'unknown', last: idle(0) })), false);
  assert.equal(hasFinished(work({ kind: 'unknown', last: rendering(0) }), work(idle(3))), true);
});
