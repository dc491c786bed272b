import assert from 'node:assert/strict';
import test from 'node:test';
import { liveWorkingDay, type Stretch } from './workingDay';

const sum = (stretches: readonly Stretch[], what: 'dollars' | 'rendersDone' | 'rendersLost') =>
  stretches.reduce((total, stretch) => total + stretch[what], 0);

test('a working day costs less with the guardian, and no render is lost', async (t) => {
  const alone = await liveWorkingDay(t, false);
  const guarded = await liveWorkingDay(t, true);

  for (const [index, { name, ...without }] of alone.entries()) {
    const { dollars, minutes, rendersLost } = guarded[index] ?? without;
    t.diagnostic(
      `${name}: $${without.dollars.toFixed(2)} and ${without.minutes.toFixed(0)} min with ${without.rendersLost} lost, ` +
        `guarded $${dollars.toFixed(2)} and ${minutes.toFixed(0)} min with ${rendersLost} lost`,
    );
  }
  assert.deepEqual([sum(alone, 'rendersLost'), sum(guarded, 'rendersLost')], [1, 0]);
  assert.equal(sum(guarded, 'rendersDone'), sum(alone, 'rendersDone'), 'the same work was done');
  assert.ok(sum(guarded, 'dollars') < sum(alone, 'dollars') / 3);
  for (const [index, { name, dollars }] of guarded.entries()) assert.ok(dollars < (alone[index]?.dollars ?? 0), name);
});
