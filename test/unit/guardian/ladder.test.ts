import assert from 'node:assert/strict';
import { test } from 'node:test';
import { climb, isQuiet, isTrustworthy } from '../../../src/guardian/ladder';
import { SessionId } from '../../../src/comfydeploy/model';
import { MINUTE, RUNGS, RULES, ready, announced } from './ladder';

const everyTenSeconds = (from: number, until: number) =>
  Array.from({ length: Math.floor((until - from) / 10_000) + 1 }, (_, index) => from + index * 10_000);

test('each rung is announced once, in order', () => {
  assert.deepEqual(announced(20 * MINUTE, everyTenSeconds(0, 21 * MINUTE)), [15, 5, 1]);
});

test('a session first seen near its end is announced with the rung it stands on, not with those above', () => {
  assert.deepEqual(announced(20 * MINUTE, everyTenSeconds(17 * MINUTE, 18 * MINUTE)), [5]);
});

test('whoever extends a session is warned again only at rungs still ahead', () => {
  const times = everyTenSeconds(0, 40 * MINUTE);
  assert.deepEqual(announced(20 * MINUTE, times, { move: [16 * MINUTE, 24 * MINUTE] }), [15, 5, 5, 1]);
  assert.deepEqual(announced(20 * MINUTE, times, { move: [16 * MINUTE, 38 * MINUTE] }), [15, 5, 15, 5, 1]);
});

test("another member's session is not announced, and neither is a muted one or one that is over", () => {
  const due = 19.5 * MINUTE;
  assert.equal(climb(new Map(), ready(20 * MINUTE), due, RULES).warnings.length, 1);
  assert.deepEqual(climb(new Map(), ready(20 * MINUTE, { userId: 'her' }), due, RULES).warnings, []);
  assert.deepEqual(climb(new Map(), ready(20 * MINUTE), 20 * MINUTE, RULES).warnings, []);
  const muted = { ...RULES, muted: new Set([SessionId.parse('one')]) };
  assert.deepEqual(climb(new Map(), ready(20 * MINUTE), due, muted).warnings, []);
});

test("another member's session is announced to whoever asks for that", () => {
  const input = { ...RULES, watchOthers: true };
  const { warnings } = climb(new Map(), ready(20 * MINUTE, { userId: 'her' }), 19.5 * MINUTE, input);
  assert.equal(warnings.length, 1);
});

test('what is held is not announced, and is as soon as it is held no longer', () => {
  const held = { ...RULES, held: new Set([SessionId.parse('one')]) };
  const before = climb(new Map(), ready(20 * MINUTE), 4 * MINUTE, RULES).ladder;
  const step = climb(before, ready(20 * MINUTE), 16 * MINUTE, held);
  assert.deepEqual(step.warnings, []);
  const later = climb(step.ladder, ready(20 * MINUTE), 17 * MINUTE, RULES);
  assert.deepEqual(
    later.warnings.map(({ rung }) => rung),
    [5],
  );
});

test('only the first of several rungs is quiet', () => {
  assert.deepEqual(
    RUNGS.map((rung) => isQuiet(rung, RUNGS)),
    [true, false, false],
  );
  assert.equal(isQuiet(5, [5]), false);
});

test('after a sleep nothing is said until the server has been asked, or could not be', () => {
  const old = ready(20 * MINUTE);
  assert.equal(isTrustworthy(old, 8 * 60 * MINUTE), false);
  assert.equal(isTrustworthy({ ...old, asOf: 8 * 60 * MINUTE - 30_000 }, 8 * 60 * MINUTE), true);
});
