import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { inZone } from '../../fakes/inZone';
import { lastTimeOfDay, nextTimeOfDay } from '../../../src/platform/wallClock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Beirut'];

test('wherever and whenever, it is the first minute of a day that shows this or later, and last and next surround now', () => {
  const moment = fc.integer({ min: Date.UTC(2029, 0, 1) / MINUTE, max: Date.UTC(2031, 0, 1) / MINUTE });
  /** Near the clock changes of these zones, which are the hard cases. */
  const hard = fc.tuple(
    fc.constantFrom(Date.UTC(2030, 2, 31), Date.UTC(2030, 2, 10), Date.UTC(2030, 9, 27)),
    fc.integer({ min: -2_000, max: 2_000 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.oneof(
        moment,
        hard.map(([at, minutes]) => at / MINUTE + minutes),
      ),
      fc.integer({ min: 0, max: 1439 }),
      (zone, minute, time) => {
        inZone(zone, () => {
          const now = minute * MINUTE;
          const next = nextTimeOfDay(time, now);
          const last = lastTimeOfDay(time, now);
          assert.ok(last <= now && now < next && next - last <= 26 * HOUR);
          assert.equal(nextTimeOfDay(time, last), next);
          assert.equal(lastTimeOfDay(time, next), next);
          for (const at of [last, next]) {
            const wall = new Date(at);
            const shows = wall.getHours() * 60 + wall.getMinutes();
            const before = new Date(at - MINUTE);
            const isFirst =
              before.toDateString() !== wall.toDateString() || before.getHours() * 60 + before.getMinutes() < time;
            assert.ok(shows >= time && isFirst, `${zone} ${time} ${wall.toISOString()}`);
          }
        });
      },
    ),
    { numRuns: 300 },
  );
});
