import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { untilNextRedraw } from '../../../src/sidebar/untilNextText';
import { untilNextWorkText, workText } from '../../../src/activity/workText';
import { appState, MINUTE, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { SECOND, idle, rendering, work } from './workText';

test('a text about work is redrawn when it changes, and not before', () => {
  const activity = fc.oneof(
    fc.double({ min: 0, max: 300, noNaN: true }).map((minutes) => idle(minutes)),
    fc.nat(3).map((queued) => rendering(queued)),
    fc.constant({ kind: 'unknown', last: rendering(1) } as const),
  );
  fc.assert(
    fc.property(activity, fc.integer({ min: 0, max: 2 * MINUTE }), (doing, ago) => {
      const one = work(doing, { readAt: NOW - ago });
      const wait = untilNextWorkText(one, NOW);
      const text = workText(one, NOW);
      if (wait === Number.POSITIVE_INFINITY) return assert.equal(workText(one, NOW + 10 * MINUTE), text);
      assert.equal(workText(one, NOW + Math.ceil(wait) - 1), text);
      assert.notEqual(workText(one, NOW + Math.ceil(wait)), text);
    }),
  );
  const all = appState({
    snapshot: ready({ sessions: [session('s', { left: 30.9 })] }),
    work: new Map([[sessionId('s'), work(idle(0.5))]]),
  });
  assert.equal(untilNextRedraw(all), 30 * SECOND);
});
