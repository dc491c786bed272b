import fc from 'fast-check';
import assert from 'node:assert/strict';
import test from 'node:test';
import { costOf } from '../../../src/spending/cost';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import { MINUTE } from '../../fakes/appState';
import { turn } from '../../fakes/until';
import { AgentWorld, PRICE, type Fate } from './wallet';

/** Three hours of an A10G. */
const MOST = costOf(PRICE, 180 * MINUTE);
const EVENING = new Date(2030, 0, 1, 21).getTime();

const window = fc.nat(2);
const minutes = fc.integer({ min: 1, max: 240 });
const fate = fc.constantFrom<Fate>('answered', 'answered', 'lost', 'refused', 'crashed');
const which = fc.nat(9);
const step = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), window, minutes, fate }),
  fc.record({ kind: fc.constant('extend' as const), window, minutes, which, fate }),
  fc.record({ kind: fc.constantFrom('look' as const), window }),
  fc.record({ kind: fc.constant('end' as const), which }),
  fc.record({ kind: fc.constant('bill' as const) }),
  fc.record({ kind: fc.constant('pass' as const), minutes }),
  fc.record({ kind: fc.constant('wait' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function play(world: AgentWorld, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    // Calls are not awaited: they overlap until time is given to them.
    if (one.kind === 'start') void world.start(one.window, one.minutes, one.fate);
    if (one.kind === 'extend') void world.extend(one.window, one.which, one.minutes, one.fate);
    if (one.kind === 'look') world.look(one.window);
    if (one.kind === 'end') world.end(one.which);
    if (one.kind === 'bill') world.bill();
    if (one.kind === 'wait' || one.kind === 'pass') for (let count = 0; count < 30; count++) await turn();
    if (one.kind === 'pass') world.now += one.minutes * MINUTE;
  }
  for (let count = 0; count < 30; count++) await turn();
}

const steps = fc.array(step, { minLength: 4, maxLength: 25 });

test('no order of calls, in any windows, with lost answers and across midnight, spends more than agents may', async () => {
  let refusals = 0;
  const within = fc.asyncProperty(steps, fc.boolean(), async (some, hasOwn) => {
    const world = new AgentWorld(EVENING, MOST);
    if (hasOwn) world.rent(60);
    await play(world, some);
    refusals += world.refusals;
    for (const day of world.days()) assert.ok(day <= MOST, `${day} of ${MOST}`);
  });
  await fc.assert(within, { numRuns: 250 });
  assert.ok(refusals > 0, 'the wall was reached');
});

test("nor more than the user's limit for a day", async () => {
  const within = fc.asyncProperty(steps, async (some) => {
    const world = new AgentWorld(EVENING, 100n * MOST, { ...NO_SPENDING_LIMITS, day: MOST });
    await play(world, some);
    for (const day of world.days()) assert.ok(day <= MOST, `${day} of ${MOST}`);
  });
  await fc.assert(within, { numRuns: 250 });
});
