import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { answer, type Fault } from '../../fakes/faults';
import { setupHttp } from '../../fakes/http';

const UNREACHABLE: Fault = { kind: 'unreachable' };

test('a passing failure of a read is overcome', async () => {
  for (const fault of [UNREACHABLE, { kind: 'lost' }, { kind: 'cut' }, answer(503, ''), answer(429, '')] as const) {
    for (const method of ['GET', 'DELETE'] as const) {
      const { api, clock, ask } = setupHttp();
      api.fail(`${method} /sessions`, fault, fault);

      await clock.finish(ask({ method }));

      assert.equal(api.calls.length, 3);
      const [first = 0, second = 0, third = 0] = api.calls.map(({ at }) => at);
      assert.deepEqual([second - first, third - second], [250, 500], 'it waits longer each time');
    }
  }
});

test('a read is tried three times and no more', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', UNREACHABLE, UNREACHABLE, UNREACHABLE);

  await assert.rejects(clock.finish(ask()), { kind: 'offline', message: 'ComfyDeploy could not be reached.' });

  assert.equal(api.calls.length, 3);
});

test('what the server said no to is not asked again', async () => {
  for (const status of [400, 401, 403, 404, 422]) {
    const { api, ask } = setupHttp();
    api.fail('GET /sessions', answer(status, { detail: 'no' }));

    await assert.rejects(ask(), { message: 'no' });

    assert.equal(api.calls.length, 1, `${status}`);
  }
});

test('the server says how long to stay away, and is heeded', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', answer(429, '', { 'retry-after': '4' }));

  await clock.finish(ask());

  const [first = 0, second = 0] = api.calls.map(({ at }) => at);
  assert.equal(second - first, 4_000);
});

test('who must stay away for long is told so at once', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', answer(429, '', { 'retry-after': '60' }));

  await assert.rejects(ask(), { kind: 'busy', retryAfter: 60_000 });

  assert.equal(api.calls.length, 1);
  assert.equal(clock.pending, 0);
});

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
