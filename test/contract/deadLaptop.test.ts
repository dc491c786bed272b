import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { Laptop, lifeOfLaptop } from './deadLaptop';

const MINUTE = 60_000;
/** How many laptops die: `npm run test:lives` lets 10,000. Every run has others, unless told which, as for all lives. */
const WANTED = process.env['LIVES'];
const LIVES = Number(WANTED ?? 200);
/** As many as there is time for, unless told how many. */
const LONGEST_MS = WANTED === undefined ? 45_000 : Infinity;
const SEED = Number(process.env['LIVES_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATH = process.env['LAPTOP_PATH'];
const REPORT = process.env['LIVES_REPORT'];

test('whenever all windows die, no more than a lease is paid for in vain, and no run that was covered is lost', async (t) => {
  const total = { laptops: 0, renewals: 0, covered: 0, lost: 0, worst: 0, overpaid: 0 };
  const began = performance.now();
  const property = fc.asyncProperty(lifeOfLaptop, async (life) => {
    if (performance.now() - began > LONGEST_MS) return;
    const { overpaid, allowed, covered, lost, renewals } = await Laptop.live(life);
    total.laptops++;
    total.renewals += renewals;
    total.covered += covered;
    total.lost += lost;
    total.overpaid += overpaid;
    total.worst = Math.max(total.worst, overpaid);
    assert.ok(overpaid <= allowed, `${overpaid / MINUTE} min paid after the last use, of ${allowed / MINUTE}`);
    assert.equal(lost, 0, 'what was covered is done');
  });
  const told = () =>
    `${total.laptops} dead laptops, ${total.renewals} renewals, ${total.covered} covered runs, ${total.lost} lost; ` +
    `paid after the last use ${(total.overpaid / Math.max(1, total.laptops) / MINUTE).toFixed(1)} min on average, ` +
    `${(total.worst / MINUTE).toFixed(1)} min at worst; seed ${SEED}`;
  try {
    await fc.assert(property, {
      numRuns: LIVES,
      seed: SEED,
      endOnFailure: true,
      includeErrorInReport: true,
      ...(PATH === undefined ? {} : { path: PATH }),
    });
  } finally {
    t.diagnostic(told());
    if (REPORT !== undefined) fs.appendFileSync(REPORT, `${told()}\n`);
  }
});
