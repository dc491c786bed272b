import assert from 'node:assert/strict';
import test from 'node:test';
import { hasFinished, MOST_FILES, newestFiles, NO_RUNS, reachesFar, withPage } from '../../../src/outputs/recentRuns';
import type { KnownActivity, Work } from '../../../src/comfydeploy/model';
import { run, namesOf } from './recentRuns';

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

test('runs that a later reading does not contain stay: a history can be cleared, and its files still exist', () => {
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
