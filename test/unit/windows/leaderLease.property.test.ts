import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrozenWindow, SharedFile } from '../../fakes/frozenWindows';
import { ManualClock } from '../../fakes/manualClock';

const SECOND = 1_000;

const step = fc.record({
  window: fc.nat(4),
  what: fc.constantFrom('die', 'freeze', 'thaw', 'open', 'close', 'focus', 'blur', 'jump', 'wait'),
  /** Short enough to interrupt windows in the middle of their work, or long enough to exceed the others' patience. */
  pause: fc.oneof(fc.nat(60), fc.integer({ min: 500, max: 9_000 })),
});

test('whatever dies, freezes, wakes up and sets its clock: never do two confirm, and soon there is one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.array(fc.nat(30), { minLength: 5, maxLength: 5 }), playAll),
    { numRuns: 100 },
  );
});

async function playAll(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[], latencies: number[]) {
  const world = new ManualClock();
  const file = new SharedFile();
  const open = (n: number) => new FrozenWindow(world, file, latencies[n], n * 12_345);
  const windows = latencies.map((_, n) => open(n));
  const awake = () => windows.filter(({ isDead, isFrozen }) => !isDead && !isFrozen);
  for (const { window, what, pause } of steps) {
    const one = windows[window]!;
    if (what === 'die' || what === 'freeze' || what === 'thaw' || what === 'close') one[what]();
    if (what === 'open' && one.isDead) windows[window] = open(window);
    if (what === 'focus' || what === 'blur') one.presence = { ...one.presence, isFocused: what === 'focus' };
    if (what === 'jump') one.wallOffset += 3_600_000;
    await world.advance(pause);
    const answers = await world.finish(Promise.all(awake().map(({ leadership }) => leadership.confirm())));
    assert.ok(answers.filter(Boolean).length <= 1, 'never two');
  }
  await world.advance(10 * SECOND);
  if (awake().length > 0) assert.equal(awake().filter(({ leadership }) => leadership.isLeader).length, 1, 'always one');
}
