import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Activity, Work } from '../../../src/comfydeploy/model';
import { readWork, writeWork } from '../../../src/windows/sharedWork';
import { MINUTE } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { SECOND, ONE, setupMonitor } from './activityMonitor';

const HOUR = 60 * MINUTE;

test('work reads as it was written', () => {
  const since = fc.nat();
  const rendering = fc.record({ kind: fc.constant('rendering' as const), queued: fc.nat(), since });
  const idle = fc.record({ kind: fc.constant('idle' as const), since });
  const last = fc.option(fc.oneof(rendering, idle), { nil: undefined });
  const unknown = last.map((one) => ({ kind: 'unknown', last: one }) as const);
  const activity: fc.Arbitrary<Activity> = fc.oneof(rendering, idle, unknown);
  const vram = fc.option(fc.record({ used: fc.nat(), total: fc.nat() }), { nil: undefined });
  const works = fc.array(
    fc.tuple(fc.string({ minLength: 1 }).map(sessionId), fc.record({ activity, vram, readAt: since })),
  );
  fc.assert(
    fc.property(works, (all) => {
      const text = writeWork(new Map(all));
      assert.equal(writeWork(readWork(text)!), text);
    }),
  );
});

interface Step {
  readonly seconds: number;
  readonly what: 'nothing' | 'short run' | 'starts' | 'ends' | 'down' | 'up' | 'restarts' | 'clears';
}

const step = fc.record({
  seconds: fc.integer({ min: 1, max: 300 }),
  what: fc.constantFrom(...(['nothing', 'short run', 'starts', 'ends', 'down', 'up', 'restarts', 'clears'] as const)),
});

/** Lives through the steps and returns what the monitor knows after each. */
async function live(steps: readonly Step[], skew: number): Promise<readonly Work[]> {
  const { clock, monitor, poller, comfyUi } = setupMonitor();
  const server = comfyUi();
  server.skew = skew;
  poller.wake();
  let workedAt = Number.NEGATIVE_INFINITY;
  const seen: Work[] = [];
  for (const { seconds, what } of steps) {
    await clock.advance(seconds * SECOND);
    if (what === 'short run' || (what === 'ends' && server.remaining > 0)) server.run();
    if (what === 'starts') server.remaining++;
    if (what === 'ends' || what === 'restarts') server.remaining = 0;
    if (what === 'down' || what === 'up') server.failing = what === 'down' ? 'everything' : 'nothing';
    if (what === 'restarts' || what === 'clears') {
      await monitor.lookAt(ONE); // work and its traces last longer than one pause
      server.history.clear();
    }
    if (what === 'short run' || server.remaining > 0) workedAt = clock.now();
    const work = (await monitor.lookAt(ONE))!;
    seen.push(work);
    if (server.failing !== 'nothing') assert.equal(work.activity.kind, 'unknown');
    else assert.equal(work.activity.kind, server.remaining > 0 ? 'rendering' : 'idle');
    if (work.activity.kind !== 'idle') continue;
    assert.ok(work.activity.since <= clock.now());
    assert.ok(work.activity.since >= workedAt - SECOND, 'idle for longer than in truth');
  }
  poller.dispose();
  return seen;
}

test('whatever happens in a session it is never idle at work, nor for longer than in truth, by any clock', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const right = await live(steps, 0);
      for (const skew of [HOUR, -HOUR]) assert.deepEqual(await live(steps, skew), right);
    }),
    { numRuns: 25 },
  );
});
