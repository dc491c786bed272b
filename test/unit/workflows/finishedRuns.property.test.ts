import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  LONGEST_ROW,
  tookOf,
  dueRuns,
  type FinishedRun,
  type NotifyWhenDone,
} from '../../../src/workflows/finishedRuns';

const SECOND = 1_000;
const ending = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .option(fc.integer({ min: 0, max: 90 * SECOND }), { nil: undefined, freq: 10 })
      .map((took) => ({ kind: 'done', files: [], isCached: false, took }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      kind: 'failed',
      failure: { nodeId: '3', classType: 'KSampler', message: 'no' },
    } as const),
  },
);
const when = fc.constantFrom<NotifyWhenDone>('never', 'whenAway', 'always');
const step = fc.record({
  ended: fc.array(ending, { maxLength: 4 }),
  isBusy: fc.boolean(),
  isInView: fc.boolean(),
  seconds: fc.integer({ min: 1, max: 300 }),
});

test('whatever ends when, a run is announced once, at once if it failed, and with its row if it succeeded', () => {
  fc.assert(
    fc.property(when, fc.array(step, { maxLength: 30 }), (setting, steps) => {
      const reported: string[] = [];
      const all: string[] = [];
      let row: readonly FinishedRun[] = [];
      let since = 0;
      let now = 0;
      for (const { ended, isBusy, isInView, seconds } of steps) {
        now += seconds * SECOND;
        if (row.length === 0) since = now;
        row = [...row, ...ended.map((one, nth) => ({ promptId: `${all.length + nth}`, ending: one }))];
        all.push(...ended.map((_, nth) => `${all.length + nth}`));
        const waited = now - since;
        const { done, failed, left } = dueRuns(row, { when: setting, isInView, isBusy, waited });
        const said = [...done, ...failed].map(({ promptId }) => promptId);
        assert.deepEqual(
          said.filter((id) => reported.includes(id)),
          [],
          'nothing is told twice',
        );
        reported.push(...said);
        assert.equal(
          left.some((run) => run.ending.kind === 'failed' || said.includes(run.promptId)),
          false,
        );
        const isOver = !isBusy || waited >= LONGEST_ROW;
        assert.equal(left.length > 0, !isOver && row.some((run) => run.ending.kind === 'done'), 'a row is one word');
        const isSeen = setting === 'never' || (setting === 'whenAway' && isInView);
        if (isSeen) assert.deepEqual(said, [], 'what is seen, or not wanted, is not told');
        const isFailed = row.filter((run) => run.ending.kind === 'failed').length;
        if (!isSeen) assert.equal(failed.length, isFailed);
        const took = tookOf(row.flatMap((run) => (run.ending.kind === 'done' ? [run.ending] : [])));
        const isWorth = took > 30 * SECOND || (setting === 'always' && row.length > isFailed);
        if (!isSeen && isOver) assert.equal(done.length > 0, isWorth, 'and what is short is not');
        row = left;
      }
    }),
  );
});
