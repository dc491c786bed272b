import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ServerTime } from '../../../src/platform/serverTime';
import { ManualClock } from '../../fakes/manualClock';
import { setup } from '../../fakes/setup';

const DAY = 24 * 3_600_000;
const offsets = fc.integer({ min: -3 * DAY, max: 3 * DAY });
const latencies = fc.integer({ min: 0, max: 3_000 });

interface Trip {
  readonly pause: number;
  readonly there: number;
  readonly back: number;
}
const trip = (there: fc.Arbitrary<number>, back: fc.Arbitrary<number>): fc.Arbitrary<Trip> =>
  fc.record({ pause: fc.integer({ min: 0, max: 60_000 }), there, back });
const trips = fc.array(trip(latencies, latencies), { minLength: 1, maxLength: 10 });
const pauses = fc.integer({ min: 0, max: 3_600_000 });
const sleeps = fc.integer({ min: 2_000, max: DAY });
const quickTrip = trip(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }));

class World {
  readonly #clock = new ManualClock();
  readonly serverTime = new ServerTime(this.#clock);

  constructor(public offset: number) {}

  /** Sends a request and reads the `Date` of its answer. */
  async ask({ pause, there, back }: Trip): Promise<void> {
    await this.#pass(pause);
    await this.#pass(there);
    const date = Math.floor((this.#clock.now() + this.offset) / 1_000) * 1_000;
    await this.#pass(back);
    this.serverTime.learn(date, there + back);
  }

  /** Somebody sets this machine's clock. */
  setClock(by: number): void {
    this.#clock.jump(by);
    this.offset -= by;
  }

  /** The machine sleeps: its steady clock stands still, or goes on, as the system has it. */
  async sleep(ms: number, isSteadyAwake: boolean): Promise<void> {
    if (isSteadyAwake) return this.#pass(ms);
    this.#clock.jump(ms);
  }

  pause(ms: number): Promise<void> {
    return this.#pass(ms);
  }

  /** How far off the estimate is, ms. */
  get error(): number {
    return Math.abs(this.serverTime.now() - (this.#clock.now() + this.offset));
  }

  #pass(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }
}

test('before the server is heard its time is ours', () => {
  const clock = new ManualClock();
  assert.equal(new ServerTime(clock).now(), clock.now());
});

test('one answer tells the time to within half of its journey and half a second', async () => {
  await fc.assert(
    fc.asyncProperty(offsets, trip(latencies, latencies), async (offset, only) => {
      const world = new World(offset);
      await world.ask(only);
      assert.ok(world.error <= (1_000 + only.there + only.back) / 2 + 1, `${world.error}`);
    }),
    { numRuns: 200 },
  );
});

test('a few answers, one of them quick, tell the time to within a second, and it stays so', async () => {
  await fc.assert(
    fc.asyncProperty(offsets, trips, quickTrip, trips, async (offset, before, quick, after) => {
      const world = new World(offset);
      for (const one of [...before, quick]) await world.ask(one);
      assert.ok(world.error <= 1_001, `${world.error}`);
      for (const one of after) {
        await world.ask(one);
        assert.ok(world.error <= 1_001, `${world.error}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('a clock that was set is noticed at the next answer', async () => {
  const jumps = fc.integer({ min: 10_000, max: 3 * DAY }).chain((by) => fc.constantFrom(by, -by));
  await fc.assert(
    fc.asyncProperty(offsets, trips, jumps, quickTrip, async (offset, before, by, next) => {
      const world = new World(offset);
      for (const one of before) await world.ask(one);
      world.setClock(by);
      await world.ask(next);
      assert.ok(world.error <= 1_001, `${world.error}`);
    }),
    { numRuns: 200 },
  );
});

test('deadlines are compared with the time of the server, ages with ours', async () => {
  const { api, clock, app, store } = setup();
  api.clockOffset = 3 * DAY;
  await store.refresh();

  const { now, localNow } = app.facts();

  assert.equal(localNow, clock.now());
  assert.ok(Math.abs(now - localNow - 3 * DAY) <= 1_000);
});

test('a clock that is set back changes nothing, even before the next answer', async () => {
  const back = fc.integer({ min: 1, max: 3 * DAY });
  await fc.assert(
    fc.asyncProperty(offsets, quickTrip, back, pauses, async (offset, first, by, pause) => {
      const world = new World(offset);
      await world.ask(first);
      await world.pause(pause);
      world.setClock(-by);
      await world.pause(pause);
      assert.ok(world.error <= 1_001 + Math.min(by, 1_000), `${world.error}`);
    }),
    { numRuns: 200 },
  );
});

test('after a sleep of up to a day the time is right before anybody is asked, whatever the steady clock did', async () => {
  await fc.assert(
    fc.asyncProperty(offsets, quickTrip, sleeps, fc.boolean(), async (offset, first, sleep, isSteadyAwake) => {
      const world = new World(offset);
      await world.ask(first);
      await world.sleep(sleep, isSteadyAwake);
      assert.ok(world.error <= 1_001, `${world.error}`);
      await world.ask(first);
      assert.ok(world.error <= 1_001, `${world.error}`);
    }),
    { numRuns: 200 },
  );
});

test('clocks that drift apart by a second in hours have not jumped', async () => {
  const world = new World(0);
  const quick = { pause: 15_000, there: 20, back: 20 };
  for (let i = 0; i < 500; i++) {
    world.setClock(-5); // 5 ms in 15 s: a clock that is being corrected
    await world.ask(quick);
    assert.ok(world.error <= 1_001, `${world.error} after ${i}`);
  }
});

test('what another window says of the time never outweighs the server, and is never for sure', () => {
  const clock = new ManualClock();
  const time = new ServerTime(clock);
  time.hear(clock.now() + DAY);
  assert.deepEqual([time.now() - clock.now(), time.isSure], [DAY, false], 'better than nothing');
  time.learn(clock.now(), 0);
  time.hear(clock.now() + DAY);
  assert.equal(time.isSure, true);
  assert.ok(Math.abs(time.now() - clock.now()) <= 1_000);
});
