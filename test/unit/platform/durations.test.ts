import assert from 'node:assert/strict';
import test from 'node:test';
import { age, aloud, elapsed, minutesText, timeLeft } from '../../../src/platform/durations';
import { untilNextRedraw } from '../../../src/sidebar/untilNextText';
import { ApiError } from '../../../src/platform/errors';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';

const SECOND = 1_000;
const HOUR = 60 * MINUTE;

test('what is left reads in minutes, and in steps of ten seconds at the end', () => {
  const texts = [
    [65 * MINUTE, '1 h 5 min left'],
    [60 * MINUTE, '1 h left'],
    [60 * MINUTE - 1, '59 min left'],
    [2 * MINUTE, '2 min left'],
    [2 * MINUTE - 1, '1 min 50 s left'],
    [70 * SECOND, '1 min 10 s left'],
    [70 * SECOND - 1, '1 min left'],
    [59 * SECOND, '50 s left'],
    [10 * SECOND - 1, 'under 10 s left'],
    [1, 'under 10 s left'],
    [0, 'time is up'],
    [-HOUR, 'time is up'],
  ] as const;
  for (const [ms, text] of texts) assert.equal(timeLeft(ms), text);
});

test('the next redraw is due with the first text that changes', () => {
  const at = (...lefts: readonly number[]) =>
    untilNextRedraw({
      work: new Map(),
      countdowns: new Map(),
      snapshot: ready({ sessions: lefts.map((left, index) => session(`s${index}`, { left: left / MINUTE })) }),
      now: NOW,
    });

  assert.equal(at(), undefined);
  assert.equal(at(-MINUTE), undefined);
  assert.equal(at(10 * MINUTE + 5 * SECOND), 5 * SECOND + 1);
  assert.equal(at(10 * MINUTE + 5 * SECOND, 75 * SECOND), 5 * SECOND + 1);
  assert.equal(at(10 * MINUTE + 9 * SECOND, 72 * SECOND), 2 * SECOND + 1);
});

test('the age of what is shown counts up while it cannot be renewed', () => {
  const problem = { error: new ApiError('offline', 'x'), failures: 1, retryAt: NOW + MINUTE };
  assert.equal(
    untilNextRedraw({ work: new Map(), countdowns: new Map(), snapshot: ready({ problem }), now: NOW }),
    10 * SECOND,
  );
  assert.equal(
    untilNextRedraw({ work: new Map(), countdowns: new Map(), snapshot: { kind: 'failed', problem }, now: NOW }),
    10 * SECOND,
  );
  for (const kind of ['loading', 'signedOut'] as const)
    assert.equal(untilNextRedraw({ work: new Map(), countdowns: new Map(), snapshot: { kind }, now: NOW }), undefined);
  const sessions = [session('a', { phase: 'ending' }), session('b', { phase: 'undated' })];
  assert.equal(
    untilNextRedraw({ work: new Map(), countdowns: new Map(), snapshot: ready({ sessions }), now: NOW }),
    undefined,
  );
});

test('ages read like what is left, and in days when they are long', () => {
  assert.equal(age(9_999), 'just now');
  assert.equal(age(-HOUR), 'just now');
  assert.equal(age(40 * SECOND), '40 s ago');
  assert.equal(age(3 * HOUR), '3 h ago');
  assert.equal(age(24 * HOUR), '1 day ago');
  assert.equal(age(75 * 24 * HOUR), '75 days ago');
});

test('elapsed time is exact to the second', () => {
  assert.equal(elapsed(8_900), '8 s');
  assert.equal(elapsed(68_000), '1 min 08 s');
  assert.equal(elapsed(61 * MINUTE), '61 min 00 s');
  assert.equal(elapsed(-5), '0 s');
});

test('lengths read in hours and minutes', () => {
  assert.deepEqual([1, 15, 60, 90, 1_440].map(minutesText), ['1 min', '15 min', '1 h', '1 h 30 min', '24 h']);
});

test('a screen reader hears whole words, one of a thing and many', () => {
  const left = (ms: number) => aloud(() => timeLeft(ms));
  assert.equal(left(65 * MINUTE), '1 hour 5 minutes left');
  assert.equal(left(121 * MINUTE), '2 hours 1 minute left');
  assert.equal(left(2 * HOUR), '2 hours left');
  assert.equal(left(12 * MINUTE), '12 minutes left');
  assert.equal(left(110 * SECOND), '1 minute 50 seconds left');
  assert.equal(left(60 * SECOND), '1 minute left');
  assert.equal(left(9 * SECOND), 'under 10 seconds left');
  assert.equal(left(0), 'time is up');
  assert.equal(timeLeft(65 * MINUTE), '1 h 5 min left', 'and the screen goes on as before');
});
