import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { follow, type History, type Reading, type Trace } from '../../../src/activity/activity';
import { MINUTE, NOW } from '../../fakes/appState';

const NOT_ASKED: History = { kind: 'notAsked' };
const EMPTY: History = { kind: 'empty' };
const run = (key: string, finishedAt?: number): History => ({ kind: 'run', key, finishedAt });

test('never idle while something is in the queue, never since a moment to come, never for longer than was seen', () => {
  const history = fc.oneof(
    fc.constantFrom(NOT_ASKED, EMPTY),
    fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.integer({ min: -HOURS, max: HOURS }), { nil: undefined }))
      .map(([key, offset]) => run(key, offset === undefined ? undefined : NOW + offset)),
  );
  const look = fc.record({
    step: fc.integer({ min: 0, max: 5 * MINUTE }),
    remaining: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    history,
  });
  fc.assert(
    fc.property(fc.array(look), (looks) => {
      let trace: Trace | undefined;
      let busyAt = Number.NEGATIVE_INFINITY;
      let at = NOW;
      for (const { step, remaining, history } of looks) {
        const reading: Reading = { at: (at += step), remaining, history };
        trace = follow(trace, reading);
        const { activity } = trace;
        if (remaining === undefined) assert.equal(activity.kind, 'unknown');
        else assert.equal(activity.kind, remaining > 0 ? 'rendering' : 'idle');
        if (activity.kind === 'unknown') continue;
        assert.ok(activity.since <= at);
        if (activity.kind === 'idle') assert.ok(activity.since >= busyAt);
        else busyAt = at;
      }
    }),
  );
});

const HOURS = 5 * 60 * MINUTE;
