import assert from 'node:assert/strict';
import test from 'node:test';
import { start } from './start';
import { liveWorkingDay, type Part, type Stretch } from './workingDay';

// The evening, whose session runs for eight hours unguarded, is lived by the benchmark alone.
const PARTS: readonly Part[] = ['morning', 'noon'];

const sum = (stretches: readonly Stretch[], what: 'dollars' | 'rendersDone' | 'rendersLost') =>
  stretches.reduce((total, stretch) => total + stretch[what], 0);

test('half a working day costs less with the guardian, and no render is lost', async (t) => {
  const alone = await liveWorkingDay(await start(t, { comfyUi: true }), false, PARTS);
  const guarded = await liveWorkingDay(await start(t, { comfyUi: true }), true, PARTS);

  assert.deepEqual([sum(alone, 'rendersLost'), sum(guarded, 'rendersLost')], [1, 0]);
  assert.equal(sum(guarded, 'rendersDone'), sum(alone, 'rendersDone'), 'the same work was done');
  assert.ok(sum(guarded, 'dollars') < sum(alone, 'dollars') * 0.6);
  for (const [index, { name, dollars }] of guarded.entries()) assert.ok(dollars < (alone[index]?.dollars ?? 0), name);
});
