import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isAbort } from '../../../src/platform/errors';
import { NeverEnded, RequestRounds } from '../../../src/platform/requestRounds';
import { ManualClock } from '../../fakes/manualClock';

const PATIENCE = 60_000;

type Step =
  | { readonly what: 'request'; readonly hasSignal: boolean }
  | { readonly what: 'leave'; readonly nth: number }
  | { readonly what: 'wait' | 'renew' | 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('request' as const), hasSignal: fc.boolean() }) },
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

/** Events are numbered in the order in which they happen. */
class Life {
  readonly clock = new ManualClock();
  readonly wishers: Wisher[] = [];
  readonly begun: { readonly at: number; readonly ids: readonly number[]; readonly signal: AbortSignal }[] = [];
  #time = 0;
  cleared = 0;
  readonly rounds: RequestRounds<number, number>;

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly fates: readonly string[],
  ) {
    this.rounds = new RequestRounds({
      run: (ids, signal) => this.#run(ids, signal),
      clock: this.clock,
      patience: PATIENCE,
    });
  }

  live(one: Step): void {
    this.#time++;
    if (one.what === 'request') this.#request(one.hasSignal);
    if (one.what === 'leave') this.#leave(this.wishers[one.nth]);
    if (one.what === 'renew') this.rounds.renew();
    if (one.what === 'clear') {
      this.cleared = this.#time;
      this.rounds.clear();
    }
  }

  #request(hasSignal: boolean): void {
    const controller = hasSignal ? new AbortController() : undefined;
    const id = this.wishers.length;
    const wisher: Wisher = { id, calledAt: this.#time, controller, leftAt: undefined, outcome: undefined };
    this.wishers.push(wisher);
    const settle = (outcome: NonNullable<Wisher['outcome']>) => {
      assert.equal(wisher.outcome, undefined, 'settled once');
      wisher.outcome = outcome;
    };
    this.rounds.request(id, controller?.signal).then(
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
      assert.ok(outcome, `request ${id} is settled`);
      const { value, error } = outcome;
      const own = value ?? (error instanceof Error ? /^of round (\d+)$/.exec(error.message)?.[1] : undefined);
      if (own !== undefined) {
        const round = this.begun[Number(own)]!;
        assert.ok(round.at > calledAt, 'begun after the call');
        assert.ok(round.ids.includes(id), 'with its own request');
        assert.equal(leftAt, undefined);
      } else if (leftAt !== undefined) assert.equal(error, controller?.signal.reason);
      else if (error instanceof NeverEnded) assert.ok(this.begun.some(({ ids }) => ids.includes(id)));
      else assert.ok(isAbort(error) && this.cleared >= calledAt, 'or what was requested was cleared away');
    }
  }
}

test('however requests come and go, and whatever happens to rounds, every caller gets one begun after its call, or an error', async () => {
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

/** Enough turns for the longest chain of promises here. */
async function turns(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}
