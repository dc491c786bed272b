import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { coarse, timeLeft, untilNextText } from '../../../src/platform/durations';
import { MINUTE } from '../../fakes/appState';

const SECOND = 1_000;
const HOUR = 60 * MINUTE;

test('a text never promises more time than there is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10 * SECOND, max: 30 * HOUR }), (ms) => {
      const [, h = 0, min = 0, s = 0] = /^(?:(\d+) h)? ?(?:(\d+) min)? ?(?:(\d+) s)?$/.exec(coarse(ms)) ?? [];
      const shown = Number(h) * HOUR + Number(min) * MINUTE + Number(s) * SECOND;
      assert.ok(shown > 0 && shown <= ms && ms - shown < MINUTE, coarse(ms));
    }),
  );
});

test('a text changes exactly when it is said to, and not before', () => {
  const lefts = fc.oneof(
    fc.integer({ min: 1, max: 3 * MINUTE }),
    fc.integer({ min: 1, max: 30 * HOUR }),
    fc.integer({ min: 1, max: 300 }).map((steps) => steps * 10 * SECOND),
  );
  fc.assert(
    fc.property(lefts, fc.double({ min: 0, max: 1, noNaN: true }), (ms, share) => {
      const wait = untilNextText(ms);
      assert.equal(timeLeft(ms - Math.floor((wait - 1) * share)), timeLeft(ms));
      assert.equal(timeLeft(ms - wait + 1), timeLeft(ms), 'not before');
      assert.notEqual(timeLeft(ms - wait), timeLeft(ms), 'but then');
    }),
    { numRuns: 500 },
  );
  assert.equal(untilNextText(0), Number.POSITIVE_INFINITY);
  assert.equal(untilNextText(-1), Number.POSITIVE_INFINITY);
});
