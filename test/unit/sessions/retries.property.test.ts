import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Fault } from '../../fakes/faults';
import { setupHttp } from '../../fakes/http';

const UNREACHABLE: Fault = { kind: 'unreachable' };

const faults = fc.oneof(
  fc.constantFrom<Fault>(UNREACHABLE, { kind: 'lost' }, { kind: 'cut' }, { kind: 'silent' }, { kind: 'stalled' }),
  fc.record({
    kind: fc.constant('answer' as const),
    status: fc.constantFrom(200, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504),
    body: fc.constantFrom<unknown>('', 'Internal Server Error', { detail: 'no' }, { session_id: 'one' }, null),
    carriedOut: fc.boolean(),
    headers: fc.constantFrom({}, { 'retry-after': '0' }, { 'retry-after': '2' }),
  }),
);

test('whatever happens to a POST, it is sent exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(faults, { maxLength: 4 }), async (expected) => {
      const { api, clock, ask } = setupHttp();
      api.fail('POST /session', ...expected);

      const asked = ask({ method: 'POST', path: '/session', body: { machine_id: 'one', gpu: 'T4', timeout: 2 } });
      await clock.finish(asked).catch(() => undefined);
      await clock.advance(120_000);

      assert.equal(api.count('POST /session'), 1);
      assert.ok(api.sessions.length <= 1);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 50 },
  );
});
