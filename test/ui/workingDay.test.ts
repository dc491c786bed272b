import assert from 'node:assert/strict';
import test from 'node:test';
import { start } from './start';
import { liveWorkingDay, type Part, type Stretch } from './workingDay';

// The evening, whose session runs for eight hours unguarded, is only in the benchmark.
const PARTS: readonly Part[] = ['morning', 'noon'];

const sum = (stretches: readonly Stretch[], what: 'dollars' | 'rendersDone' | 'rendersLost') =>
  stretches.reduce((total, stretch) => total + stretch[what], 0);

test('half a working day costs less with the guardian, and on leases; no render is lost, nor when the laptop dies', async (t) => {
  const alone = await liveWorkingDay(await start(t, { comfyUi: true }), 'alone', PARTS);
  const guarded = await liveWorkingDay(await start(t, { comfyUi: true }), 'guarded', PARTS);
  const leased = await liveWorkingDay(await start(t, { comfyUi: true }), 'leased', [...PARTS, 'lunch']);
  const half = leased.slice(0, PARTS.length);

  assert.deepEqual([sum(alone, 'rendersLost'), sum(guarded, 'rendersLost'), sum(leased, 'rendersLost')], [1, 0, 0]);
  for (const day of [guarded, half]) {
    assert.equal(sum(day, 'rendersDone'), sum(alone, 'rendersDone'), 'the same work was done');
    assert.ok(sum(day, 'dollars') < sum(alone, 'dollars') * 0.6);
    for (const [index, { name, dollars }] of day.entries()) assert.ok(dollars < (alone[index]?.dollars ?? 0), name);
  }
  const { minutes = Infinity } = leased.at(-1) ?? {};
  assert.ok(minutes < 45, `${minutes} min paid, although the session was left running`);
});
