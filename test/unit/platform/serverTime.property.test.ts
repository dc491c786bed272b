import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { DAY, type Trip, World } from './serverTime';

const offsets = fc.integer({ min: -3 * DAY, max: 3 * DAY });
const latencies = fc.integer({ min: 0, max: 3_000 });
const trip = (there: fc.Arbitrary<number>, back: fc.Arbitrary<number>): fc.Arbitrary<Trip> =>
  fc.record({ pause: fc.integer({ min: 0, max: 60_000 }), there, back });
const trips = fc.array(trip(latencies, latencies), { minLength: 1, maxLength: 10 });
const pauses = fc.integer({ min: 0, max: 3_600_000 });
const sleeps = fc.integer({ min: 2_000, max: DAY });
const quickTrip = trip(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }));

test('one answer gives the time to within half of its journey and half a second', async () => {
  await fc.assert(
    fc.asyncProperty(offsets, trip(latencies, latencies), async (offset, only) => {
      const world = new World(offset);
      await world.ask(only);
      assert.ok(world.error <= (1_000 + only.there + only.back) / 2 + 1, `${world.error}`);
    }),
    { numRuns: 200 },
  );
});

test('a few answers, one of them quick, give the time to within a second, and it stays so', async () => {
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
