import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isAbort } from '../../../src/platform/errors';
import { NeverEnded, WishRounds } from '../../../src/platform/wishRounds';
import { ManualClock, settled } from '../../fakes/manualClock';

const PATIENCE = 60_000;

interface Out {
  readonly wishes: readonly string[];
  readonly signal: AbortSignal;
  readonly end: (value: string) => void;
  readonly fail: (error: Error) => void;
}

/** Rounds that end when they are told to. */
function setupRounds() {
  const clock = new ManualClock();
  const outs: Out[] = [];
  const failures: unknown[] = [];
  const run = (wishes: readonly string[], signal: AbortSignal) =>
    new Promise<string>((end, fail) => outs.push({ wishes, signal, end, fail }));
  const failed = (error: unknown) => void failures.push(error);
  const rounds = new WishRounds<string, string>({ run, failed, clock, patience: PATIENCE });
  const begun = () => outs.map(({ wishes }) => wishes.join());
  return { clock, outs, failures, rounds, begun };
}

test('wishes of one moment share a round; what is wished while it is out goes into the next', async () => {
  const { rounds, outs, begun } = setupRounds();
  const [a, b] = [rounds.wish('a'), rounds.wish('b')];
  await settled();
  const [c, d] = [rounds.wish('c'), rounds.wish('d')];
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

test('who walks away drops their own wish only, and a round that nobody waits for is stopped', async () => {
  const { rounds, outs, begun } = setupRounds();
  const [mine, late] = [new AbortController(), new AbortController()];
  const walkedAway = assert.rejects(rounds.wish('a', mine.signal), isAbort);
  const other = rounds.wish('b');
  await settled();
  const neverBegun = assert.rejects(rounds.wish('c', late.signal), isAbort);
  const next = rounds.wish('d');
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
  const stopped = assert.rejects(rounds.wish('e', alone.signal), isAbort);
  await settled();
  alone.abort();
  await stopped;
  assert.equal(outs[2]!.signal.aborted, true);
  assert.equal(rounds.isBusy, false);
  await assert.rejects(rounds.wish('f', alone.signal), isAbort);
  await settled();
  assert.equal(outs.length, 3, 'who has walked away already wishes nothing');
});

test('a round that throws is told to its own callers, and the next goes on', async () => {
  const { rounds, outs, failures } = setupRounds();
  const first = rounds.wish('a');
  await settled();
  const second = rounds.wish('b');
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
  const rounds = new WishRounds({ run, clock });
  await assert.rejects(rounds.wish(), /at once/);
  assert.equal(clock.pending, 0);
});

test('a round that never ends is given up, and the next goes on', async () => {
  const { clock, rounds, outs, failures } = setupRounds();
  const first = assert.rejects(rounds.wish('a'), NeverEnded);
  await settled();
  const second = rounds.wish('b');
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
  const first = rounds.wish('a');
  await settled();
  const second = rounds.wish('b');
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
    const out = assert.rejects(rounds.wish('a', signal), isAbort);
    await settled();
    const waiting = assert.rejects(rounds.wish('b'), isAbort);
    close();
    await Promise.all([out, waiting]);
    assert.equal(outs.at(-1)!.signal.aborted, true);
    assert.equal(clock.pending, 0);
  }
  await assert.rejects(rounds.wish('c'), isAbort);
  await settled();
  assert.deepEqual(
    outs.map(({ wishes }) => wishes.join()),
    ['a', 'a'],
  );
});

type Step =
  | { readonly what: 'wish'; readonly hasSignal: boolean }
  | { readonly what: 'leave'; readonly nth: number }
  | { readonly what: 'wait' | 'renew' | 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('wish' as const), hasSignal: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('leave' as const), nth: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.constant({ what: 'wait' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ what: 'renew' as const }, { what: 'clear' as const }) },
);
const fate = fc.constantFrom('ends', 'ends', 'ends', 'throws', 'never');

interface Wisher {
  readonly id: number;
  readonly calledAt: number;
  readonly controller: AbortController | undefined;
  leftAt: number | undefined;
  outcome: { readonly value?: number; readonly error?: unknown } | undefined;
}

/** Everything that happens has a number of its own: what came first is told by it. */
class Life {
  readonly clock = new ManualClock();
  readonly wishers: Wisher[] = [];
  readonly begun: { readonly at: number; readonly ids: readonly number[]; readonly signal: AbortSignal }[] = [];
  #time = 0;
  cleared = 0;
  readonly rounds: WishRounds<number, number>;

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly fates: readonly string[],
  ) {
    this.rounds = new WishRounds({
      run: (ids, signal) => this.#run(ids, signal),
      clock: this.clock,
      patience: PATIENCE,
    });
  }

  live(one: Step): void {
    this.#time++;
    if (one.what === 'wish') this.#wish(one.hasSignal);
    if (one.what === 'leave') this.#leave(this.wishers[one.nth]);
    if (one.what === 'renew') this.rounds.renew();
    if (one.what === 'clear') {
      this.cleared = this.#time;
      this.rounds.clear();
    }
  }

  #wish(hasSignal: boolean): void {
    const controller = hasSignal ? new AbortController() : undefined;
    const id = this.wishers.length;
    const wisher: Wisher = { id, calledAt: this.#time, controller, leftAt: undefined, outcome: undefined };
    this.wishers.push(wisher);
    const settle = (outcome: NonNullable<Wisher['outcome']>) => {
      assert.equal(wisher.outcome, undefined, 'settled once');
      wisher.outcome = outcome;
    };
    this.rounds.wish(id, controller?.signal).then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error }),
    );
  }

  #leave(wisher: Wisher | undefined): void {
    if (!wisher?.controller || wisher.outcome || wisher.leftAt !== undefined || this.cleared > wisher.calledAt) return;
    wisher.leftAt = this.#time;
    wisher.controller.abort();
  }

  async #run(ids: readonly number[], signal: AbortSignal): Promise<number> {
    const nth = this.begun.length;
    assert.ok(ids.length > 0, 'nobody is served for nothing');
    assert.ok(
      this.begun.every((round) => round.signal.aborted),
      'never two at once',
    );
    for (const id of ids) assert.equal(this.wishers[id]!.leftAt, undefined, 'nobody is served who has left');
    this.begun.push({ at: ++this.#time, ids, signal });
    const lot = this.fates[nth % this.fates.length];
    await this.scheduler.schedule(Promise.resolve(), `round ${nth} ${lot}`);
    if (lot === 'never') return new Promise(() => undefined);
    if (lot === 'throws') throw new Error(`of round ${nth}`);
    return nth;
  }

  assertFair(): void {
    for (const { id, calledAt, leftAt, controller, outcome } of this.wishers) {
      assert.ok(outcome, `wish ${id} is settled`);
      const { value, error } = outcome;
      const own = value ?? (error instanceof Error ? /^of round (\d+)$/.exec(error.message)?.[1] : undefined);
      if (own !== undefined) {
        const round = this.begun[Number(own)]!;
        assert.ok(round.at > calledAt, 'begun after the call');
        assert.ok(round.ids.includes(id), 'with its own wish');
        assert.equal(leftAt, undefined);
      } else if (leftAt !== undefined) assert.equal(error, controller?.signal.reason);
      else if (error instanceof NeverEnded) assert.ok(this.begun.some(({ ids }) => ids.includes(id)));
      else assert.ok(isAbort(error) && this.cleared >= calledAt, 'or what was wished was cleared away');
    }
  }
}

test('however wishes come and go, whatever becomes of rounds: everyone gets one begun after their call, or is told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.array(fate, { minLength: 1, maxLength: 8 }),
      async (scheduler, steps, fates) => {
        const life = new Life(scheduler, fates);
        for (const one of steps) {
          life.live(one);
          if (one.what !== 'wait') continue;
          await turns();
          if (scheduler.count() > 0) await scheduler.waitNext(1);
          await turns();
        }
        for (let n = 0; n <= steps.length && life.rounds.isBusy; n++) {
          await turns();
          await scheduler.waitIdle();
          await turns();
          await life.clock.advance(PATIENCE);
        }
        await turns();
        life.assertFair();
        assert.equal(life.rounds.isBusy, false);
        assert.equal(life.clock.pending, 0);
      },
    ),
    { numRuns: 500 },
  );
});

/** As many as any chain of promises in here is long. */
async function turns(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}
