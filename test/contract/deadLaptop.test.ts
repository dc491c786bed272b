import assert from 'node:assert/strict';
import test from 'node:test';
import { Laptop, lifeOfLaptop, type LifeOfLaptop } from './deadLaptop';
import { isWanted, liveThrough } from './manyLives';

const MINUTE = 60_000;

test('whenever all windows die, no more than a lease is paid for in vain, and no run that was covered is lost', async (t) => {
  const total = { laptops: 0, renewals: 0, covered: 0, lost: 0, worst: 0, overpaid: 0 };
  const live = async (life: LifeOfLaptop) => {
    const { overpaid, allowed, covered, lost, renewals } = await Laptop.live(life);
    total.laptops++;
    total.renewals += renewals;
    total.covered += covered;
    total.lost += lost;
    total.overpaid += overpaid;
    total.worst = Math.max(total.worst, overpaid);
    assert.ok(overpaid <= allowed, `${overpaid / MINUTE} min paid after the last use, of ${allowed / MINUTE}`);
    assert.equal(lost, 0, 'what was covered is done');
  };
  const summary = () =>
    `${total.laptops} dead laptops, ${total.renewals} renewals, ${total.covered} covered runs, ${total.lost} lost; ` +
    `paid after the last use ${(total.overpaid / Math.max(1, total.laptops) / MINUTE).toFixed(1)} min on average, ` +
    `${(total.worst / MINUTE).toFixed(1)} min at worst`;
  const path = process.env['LAPTOP_PATH'];
  await liveThrough(t, lifeOfLaptop, live, { lives: 200, longestMs: isWanted ? Infinity : 45_000, path, summary });
});
