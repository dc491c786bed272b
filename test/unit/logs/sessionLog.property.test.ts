import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { line, written } from '../../fakes/log';
import { setupLog } from './sessionLog';

test('wherever connections break, what the server logged is shown in order and once', async () => {
  const log = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 9 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(log, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), async (all, cuts) => {
      const lines = all.map(([message, ms]) => line(message, 'info', ms));
      const text = written(...lines);
      const { clock, followed, messages } = setupLog(
        ...cuts.map((cut) => text.slice(0, Math.floor(cut * text.length))),
        text,
      );
      await clock.advance(200_000);
      assert.deepEqual(
        messages(),
        all.map(([message]) => message),
      );
      followed.dispose();
    }),
    { numRuns: 30 },
  );
});
