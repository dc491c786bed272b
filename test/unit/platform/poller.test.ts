import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import { isWorthALook, restAfter } from '../../../src/sessions/cadence';
import { Poller, type PollerOptions } from '../../../src/platform/poller';
import { Rounds } from '../../../src/windows/round';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { machine, NOW, ready, session } from '../../fakes/appState';
import { ManualClock, settled } from '../../fakes/manualClock';
import { setup } from '../../fakes/setup';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const problem = (retryAt: number | undefined) => ({ error: new ApiError('busy', 'x'), failures: 1, retryAt });
const restOf = (snapshot: Snapshot, watched: boolean) => restAfter(snapshot, watched, NOW);

test('a session that is on its way or on its way out is looked after every three seconds', () => {
  for (const phase of ['starting', 'ending'] as const)
    for (const watched of [true, false])
      assert.equal(restOf(ready({ sessions: [session('a'), session('b', { phase })] }), watched), 3 * SECOND);
  assert.equal(restOf(ready({ sessions: [session('a', { phase: 'undated' })] }), false), 3 * SECOND, 'no page yet');
});

test('a session that runs is looked after more rarely when nobody looks', () => {
  const sessions = [session('a'), session('b', { phase: 'undated', url: 'https://b.tunnel.test/' })];
  assert.equal(restOf(ready({ sessions }), true), 15 * SECOND);
  assert.equal(restOf(ready({ sessions }), false), 60 * SECOND);
});

test('without a session the server is asked only while somebody looks', () => {
  assert.equal(restOf(ready(), true), 60 * SECOND);
  assert.equal(restOf(ready(), false), undefined);
});

test('a machine that is being built is looked after like a session that runs, for an hour at most', () => {
  const hosting = { kind: 'unable', why: 'status', status: 'building' } as const;
  const building = (updatedAt: number) => ready({ machines: [machine('one', { hosting, updatedAt })] });
  assert.deepEqual([restOf(building(NOW - 3_599_999), true), restOf(building(NOW), false)], [15 * SECOND, 60 * SECOND]);
  assert.deepEqual([restOf(building(NOW - 3_600_000), true), restOf(building(0), false)], [60 * SECOND, undefined]);
});

test('nobody signed in, nothing asked', () => {
  for (const kind of ['signedOut', 'loading'] as const) assert.equal(restOf({ kind }, true), undefined);
});

test('after a failure the wait it named is kept, whoever looks, and never a negative one', () => {
  const sessions = [session('a', { phase: 'starting' })];
  for (const watched of [true, false]) {
    assert.equal(restOf(ready({ sessions, problem: problem(NOW + 42 * SECOND) }), watched), 42 * SECOND);
    assert.equal(restOf({ kind: 'failed', problem: problem(NOW + 7 * SECOND) }, watched), 7 * SECOND);
    assert.equal(restOf({ kind: 'failed', problem: problem(NOW - 7 * SECOND) }, watched), 0);
    assert.equal(restOf({ kind: 'failed', problem: problem(undefined) }, watched), undefined);
    const beforeItWasSetBack = NOW + 24 * 60 * MINUTE;
    assert.equal(restOf({ kind: 'failed', problem: problem(beforeItWasSetBack) }, watched), 0);
  }
});

test('a glance asks again unless what is known is fresh', () => {
  assert.equal(isWorthALook(ready({ asOf: NOW - 5 * SECOND }), NOW), false);
  assert.equal(isWorthALook(ready({ asOf: NOW - 5 * SECOND - 1 }), NOW), true);
  assert.equal(isWorthALook(ready({ problem: problem(NOW) }), NOW), true);
  assert.equal(isWorthALook({ kind: 'failed', problem: problem(NOW) }, NOW), true);
  assert.equal(isWorthALook({ kind: 'signedOut' }, NOW), false);
});

/** A poller whose task is held until released. */
function setupPoller(rest: PollerOptions['rest']) {
  const clock = new ManualClock();
  const counts = { runs: 0 };
  const failures: unknown[] = [];
  let settle: { readonly done: () => void; readonly fail: (reason: Error) => void } | undefined;
  const task = () =>
    new Promise<void>((done, fail) => {
      counts.runs++;
      settle = { done, fail };
    });
  const poller = new Poller({ task, rest, failed: (error) => failures.push(error), clock });
  const answer = async () => {
    settle?.done();
    await settled();
  };
  const fail = async (reason: Error) => {
    settle?.fail(reason);
    await settled();
  };
  return { clock, counts, failures, poller, answer, fail };
}

test('it runs again only after the run before, and rests in between', async () => {
  const { clock, counts, poller, answer } = setupPoller(() => 30 * SECOND);

  poller.wake();
  poller.replan();
  await clock.advance(120 * SECOND);
  assert.equal(counts.runs, 1);

  await answer();
  await clock.advance(30 * SECOND - 1);
  assert.equal(counts.runs, 1);
  await clock.advance(1);
  assert.equal(counts.runs, 2);
});

test('however often it is woken during a run, it runs once more and not twice at once', async () => {
  const { clock, counts, poller, answer } = setupPoller(() => undefined);

  poller.wake();
  await settled();
  poller.wake();
  poller.wake();
  await settled();
  assert.equal(counts.runs, 1);

  await answer();
  assert.equal(counts.runs, 2);
  await answer();
  assert.equal(counts.runs, 2);
  assert.equal(clock.pending, 0);
});

test('waking takes the place of the rest', async () => {
  const { clock, counts, poller, answer } = setupPoller(() => 30 * SECOND);
  poller.wake();
  await answer();

  await clock.advance(20 * SECOND);
  poller.wake();
  await answer();
  assert.equal(counts.runs, 2);

  await clock.advance(29 * SECOND);
  assert.equal(counts.runs, 2, 'the rest begins anew');
});

test('a resting poller continues once it is notified that its rest has changed', async () => {
  const rest: { ms: number | undefined } = { ms: undefined };
  const { clock, counts, poller, answer } = setupPoller(() => rest.ms);
  poller.wake();
  await answer();
  await clock.advance(600 * SECOND);
  assert.equal(counts.runs, 1);

  rest.ms = 3 * SECOND;
  poller.replan();
  poller.replan();
  assert.equal(clock.pending, 1);
  await clock.advance(3 * SECOND);
  assert.equal(counts.runs, 2);
});

test('a failed run is reported, and the rounds go on', async () => {
  const { clock, counts, failures, poller, fail } = setupPoller(() => SECOND);
  const reason = new Error('odd');

  poller.wake();
  await settled();
  await fail(reason);
  await clock.advance(SECOND);

  assert.deepEqual(failures, [reason]);
  assert.equal(counts.runs, 2);
});

test('if the rest cannot be computed, that is reported, and the rounds go on', async () => {
  const reason = new Error('odd');
  const { clock, counts, failures, poller, answer } = setupPoller(() => {
    throw reason;
  });
  poller.wake();
  await settled();
  await answer();
  assert.deepEqual(failures, [reason]);
  await clock.advance(30 * SECOND);
  assert.equal(counts.runs, 2);
});

test('a run that never ends is reported and given up, and the rounds go on', async () => {
  const { clock, counts, failures, poller } = setupPoller(() => SECOND);
  poller.wake();
  await clock.advance(5 * MINUTE);
  assert.equal(failures.length, 1);
  await clock.advance(SECOND);
  assert.equal(counts.runs, 2);
  poller.wake();
  await clock.advance(5 * MINUTE);
  assert.equal(counts.runs, 3, 'also one that somebody asked for meanwhile');
});

test('after dispose nothing runs, nothing is set and nothing is reported', async () => {
  const { clock, counts, failures, poller, fail } = setupPoller(() => SECOND);
  poller.wake();
  await settled();

  poller.dispose();
  await fail(new Error('late'));
  poller.wake();
  poller.replan();

  assert.equal(counts.runs, 1);
  assert.equal(clock.pending, 0);
  assert.deepEqual(failures, []);
});

test('a round asks for prices once somebody is signed in', async () => {
  const { api, clock, keys, app } = setup();
  const rounds = new Rounds({
    ...app,
    ...app.windows,
    clock,
    failed: (error) => assert.ifError(error),
    during: (round) => round(),
  });
  const { key } = keys;
  keys.key = undefined;
  rounds.start();
  await settled();
  assert.equal(api.calls.length, 0);

  keys.key = key;
  for (let n = 0; n < 2; n++) {
    rounds.wake();
    await settled();
  }
  assert.equal(api.count('GET /platform/gpu-pricing'), 1);
});
