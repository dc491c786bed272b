import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { answer, tooLate, type Fault } from '../../fakes/faults';
import { machineId, setup } from '../../fakes/setup';

const REQUEST = { machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 };
const LOST: Fault = { kind: 'lost' };

test('whatever happens to the answers, a session is asked for once', async () => {
  const faults = fc.constantFrom<Fault>(
    LOST,
    { kind: 'cut' },
    { kind: 'silent' },
    { kind: 'stalled' },
    { kind: 'unreachable' },
    answer(500, 'Internal Server Error'),
    answer(429, '', { 'retry-after': '1' }),
    tooLate(502),
  );
  const some = fc.array(faults, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(faults, some, some, async (post, lists, events) => {
      const { api, clock, store } = setup();
      await store.refresh();
      api.fail('POST /session', post);
      api.fail('GET /sessions', ...lists);
      api.fail('GET /machine/machine-1/events', ...events);

      await clock.finish(store.create(REQUEST)).catch(() => undefined);
      await clock.advance(60_000);

      assert.equal(api.count('POST /session'), 1);
    }),
    { numRuns: 25 },
  );
});
