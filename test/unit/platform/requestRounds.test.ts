import assert from 'node:assert/strict';
import test from 'node:test';
import { isAbort } from '../../../src/platform/errors';
import { NeverEnded, RequestRounds } from '../../../src/platform/requestRounds';
import { ManualClock, settled } from '../../fakes/manualClock';

const PATIENCE = 60_000;

interface Out {
  readonly requests: readonly string[];
  readonly signal: AbortSignal;
  readonly end: (value: string) => void;
  readonly fail: (error: Error) => void;
}

/** Rounds that end when the test ends them. */
function setupRounds() {
  const clock = new ManualClock();
  const outs: Out[] = [];
  const failures: unknown[] = [];
  const run = (requests: readonly string[], signal: AbortSignal) =>
    new Promise<string>((end, fail) => outs.push({ requests, signal, end, fail }));
  const failed = (error: unknown) => void failures.push(error);
  const rounds = new RequestRounds<string, string>({ run, failed, clock, patience: PATIENCE });
  const begun = () => outs.map(({ requests }) => requests.join());
  return { clock, outs, failures, rounds, begun };
}

test('requests of one moment share a round; what is requested while it is out goes into the next', async () => {
  const { rounds, outs, begun } = setupRounds();
  const [a, b] = [rounds.request('a'), rounds.request('b')];
  await settled();
  const [c, d] = [rounds.request('c'), rounds.request('d')];
  await settled();
  assert.deepEqual(begun(), ['a,b'], 'never two at once');
  outs[0]!.end('first');
  assert.deepEqual(await Promise.all([a, b]), ['first', 'first']);
  await settled();
  assert.deepEqual(begun(), ['a,b', 'c,d']);
  outs[1]!.end('second');
  assert.deepEqual(await Promise.all([c, d]), ['second', 'second']);
  assert.equal(rounds.isBusy, false);
});

test('who walks away drops their own request only, and a round that nobody waits for is stopped', async () => {
  const { rounds, outs, begun } = setupRounds();
  const [mine, late] = [new AbortController(), new AbortController()];
  const walkedAway = assert.rejects(rounds.request('a', mine.signal), isAbort);
  const other = rounds.request('b');
  await settled();
  const neverBegun = assert.rejects(rounds.request('c', late.signal), isAbort);
  const next = rounds.request('d');
  mine.abort();
  late.abort();
  await Promise.all([walkedAway, neverBegun]);
  assert.equal(outs[0]!.signal.aborted, false, 'the other one still waits');
  outs[0]!.end('first');
  assert.equal(await other, 'first');
  await settled();
  assert.deepEqual(begun(), ['a,b', 'd']);
  outs[1]!.end('second');
  await next;

  const alone = new AbortController();
  const stopped = assert.rejects(rounds.request('e', alone.signal), isAbort);
  await settled();
  alone.abort();
  await stopped;
  assert.equal(outs[2]!.signal.aborted, true);
  assert.equal(rounds.isBusy, false);
  await assert.rejects(rounds.request('f', alone.signal), isAbort);
  await settled();
  assert.equal(outs.length, 3, 'who has walked away already requests nothing');
});

test('a round that throws rejects its own callers, and the next goes on', async () => {
  const { rounds, outs, failures } = setupRounds();
  const first = rounds.request('a');
  await settled();
  const second = rounds.request('b');
  const reason = new Error('odd');
  outs[0]!.fail(reason);
  await assert.rejects(first, reason);
  await settled();
  outs[1]!.end('well');
  assert.equal(await second, 'well');
  assert.deepEqual(failures, [reason]);
});

test('what is thrown before anything is waited for is a failure like any other', async () => {
  const clock = new ManualClock();
  const run = () => {
    throw new Error('at once');
  };
  const rounds = new RequestRounds({ run, clock });
  await assert.rejects(rounds.request(), /at once/);
  assert.equal(clock.pending, 0);
});

test('a round that never ends is given up, and the next goes on', async () => {
  const { clock, rounds, outs, failures } = setupRounds();
  const first = assert.rejects(rounds.request('a'), NeverEnded);
  await settled();
  const second = rounds.request('b');
  await clock.advance(PATIENCE);
  await first;
  assert.equal(outs[0]!.signal.aborted, true);
  assert.equal(failures.length, 1);
  outs[0]!.end('much too late');
  outs[1]!.end('well');
  assert.equal(await second, 'well');
  assert.equal(clock.pending, 0);
});

test('begun anew, a round serves its callers and the next ones, and what the old one learns is dropped', async () => {
  const { rounds, outs, begun } = setupRounds();
  const first = rounds.request('a');
  await settled();
  const second = rounds.request('b');
  rounds.renew();
  await settled();
  assert.deepEqual(begun(), ['a', 'a,b']);
  assert.equal(outs[0]!.signal.aborted, true);
  outs[0]!.end('old');
  await settled();
  outs[1]!.end('new');
  assert.deepEqual(await Promise.all([first, second]), ['new', 'new']);
  rounds.renew();
  assert.equal(rounds.isBusy, false, 'nobody waits');
});

test('closing settles everyone and leaves nothing behind; clearing does so once', async () => {
  const { clock, rounds, outs } = setupRounds();
  const signal = new AbortController().signal;
  for (const close of [() => rounds.clear(), () => rounds.dispose()]) {
    const out = assert.rejects(rounds.request('a', signal), isAbort);
    await settled();
    const waiting = assert.rejects(rounds.request('b'), isAbort);
    close();
    await Promise.all([out, waiting]);
    assert.equal(outs.at(-1)!.signal.aborted, true);
    assert.equal(clock.pending, 0);
  }
  await assert.rejects(rounds.request('c'), isAbort);
  await settled();
  assert.deepEqual(
    outs.map(({ requests }) => requests.join()),
    ['a', 'a'],
  );
});
