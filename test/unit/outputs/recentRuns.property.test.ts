import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { keyOf } from '../../../src/comfyui/outputs';
import { MOST_FILES, newestFiles, NO_RUNS, withPage } from '../../../src/outputs/recentRuns';
import { run, namesOf } from './recentRuns';

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
      // Each reading goes back to a known run, as `reachesFar` ensures.
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
