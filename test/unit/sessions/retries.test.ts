import assert from 'node:assert/strict';
import test from 'node:test';
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

test('a long wait that the server demands is reported at once', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', answer(429, '', { 'retry-after': '60' }));

  await assert.rejects(ask(), { kind: 'busy', retryAfter: 60_000 });

  assert.equal(api.calls.length, 1);
  assert.equal(clock.pending, 0);
});
