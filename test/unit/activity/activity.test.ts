import assert from 'node:assert/strict';
import test from 'node:test';
import { follow, type History, type Trace } from '../../../src/activity/activity';
import type { Activity } from '../../../src/comfydeploy/model';
import { MINUTE, NOW } from '../../fakes/appState';

const SECOND = 1_000;
const NOT_ASKED: History = { kind: 'notAsked' };
const EMPTY: History = { kind: 'empty' };
const run = (key: string, finishedAt?: number): History => ({ kind: 'run', key, finishedAt });
const idle = (since: number) => ({ kind: 'idle', since }) as const;
const rendering = (queued: number, since: number) => ({ kind: 'rendering', queued, since }) as const;

/** What is known after these readings: `[seconds after the first, prompts in the queue, the history]`. */
const after = (...looks: readonly (readonly [number, number | undefined, History?])[]): Activity | undefined =>
  looks.reduce<Trace | undefined>(
    (trace, [seconds, remaining, history = NOT_ASKED]) =>
      follow(trace, { at: NOW + seconds * SECOND, remaining, history }),
    undefined,
  )?.activity;

test('an empty queue is idle since the last run finished', () => {
  assert.deepEqual(after([0, 0, run('a', NOW - 12 * MINUTE)]), idle(NOW - 12 * MINUTE));
});

test('if nothing shows since when, a session is idle since it was first seen idle', () => {
  for (const history of [EMPTY, NOT_ASKED, run('a')]) {
    assert.deepEqual(after([0, 0, history]), idle(NOW));
    assert.deepEqual(after([0, 0, history], [15, 0], [30, 0, history]), idle(NOW));
  }
});

test('a full queue is rendering since it was first seen so, and the others wait', () => {
  assert.deepEqual(after([0, 0, EMPTY], [15, 3], [30, 1]), rendering(0, NOW + 15 * SECOND));
  assert.deepEqual(after([0, 3]), rendering(2, NOW));
});

test('a run that nobody saw, between two looks, begins the time anew', () => {
  const before = [0, 0, run('a', NOW - 12 * MINUTE)] as const;
  assert.deepEqual(after(before, [15, 0, run('b', NOW + 8 * SECOND)]), idle(NOW + 8 * SECOND));
  assert.deepEqual(after(before, [15, 0, run('b')]), idle(NOW + 15 * SECOND));
});

test('the end of a run begins the time anew, also when the history has nothing of it', () => {
  const busy = [15, 1] as const;
  const first = [0, 0, run('a', NOW - 12 * MINUTE)] as const;
  assert.deepEqual(after(first, busy, [30, 0, run('b', NOW + 21 * SECOND)]), idle(NOW + 21 * SECOND));
  assert.deepEqual(after(first, busy, [30, 0, run('a', NOW - 12 * MINUTE)]), idle(NOW + 15 * SECOND));
  assert.deepEqual(after(first, busy, [30, 0, EMPTY]), idle(NOW + 30 * SECOND));
});

test('a history that was emptied begins the time anew, one that lost its newest entry does not', () => {
  const before = [0, 0, run('b', NOW - 12 * MINUTE)] as const;
  assert.deepEqual(after(before, [15, 0, EMPTY]), idle(NOW + 15 * SECOND));
  assert.deepEqual(after(before, [15, 0, EMPTY], [30, 0, EMPTY]), idle(NOW + 15 * SECOND));
  assert.deepEqual(after(before, [15, 0, run('a', NOW - 20 * MINUTE)]), idle(NOW - 12 * MINUTE));
});

test('a queue that cannot be read is unknown at once, with what was last known', () => {
  assert.deepEqual(after([0, undefined]), { kind: 'unknown', last: undefined });
  assert.deepEqual(after([0, 0, EMPTY], [15, undefined]), { kind: 'unknown', last: idle(NOW) });
  assert.deepEqual(after([0, 2], [15, undefined], [20, undefined]), { kind: 'unknown', last: rendering(1, NOW) });
});

test('after a while without answers the history proves that nothing happened, or the time begins anew', () => {
  const before = [0, 0, run('a', NOW - 12 * MINUTE)] as const;
  const gap = [15, undefined] as const;
  assert.deepEqual(after(before, gap, [30, 0, run('a', NOW - 12 * MINUTE)]), idle(NOW - 12 * MINUTE));
  assert.deepEqual(after([0, 0, EMPTY], gap, [30, 0, EMPTY]), idle(NOW + 30 * SECOND));
  assert.deepEqual(after(before, gap, [30, 0, NOT_ASKED]), idle(NOW + 30 * SECOND));
  assert.deepEqual(after([0, 1], gap, [30, 0, run('a', NOW - MINUTE)]), idle(NOW), 'busy when last seen');
});

test('a long sleep is a while without answers', () => {
  assert.deepEqual(after([0, 0, EMPTY], [8 * 3_600, 0, EMPTY]), idle(NOW + 8 * 3_600 * SECOND));
  assert.deepEqual(after([0, 0, run('a', NOW)], [8 * 3_600, 0, run('a', NOW)]), idle(NOW));
});
