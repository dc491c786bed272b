import assert from 'node:assert/strict';
import test from 'node:test';
import { answer } from '../../fakes/faults';
import { KEY, machineId, SERVER, sessionId, setup } from '../../fakes/setup';
import { sessionWire } from '../../fakes/wire';

const permit = () => Promise.resolve();

test('a key is checked by itself, not by the one that is stored', async () => {
  const { api, app } = setup();

  await app.api.checkKey(SERVER, 'another-key');
  assert.equal(api.calls[0]?.key, 'another-key');

  api.fail('GET /machines/all', answer(401, { detail: 'Invalid or expired token' }));
  await assert.rejects(app.api.checkKey(SERVER, 'another-key'), { kind: 'unauthorized' });

  api.fail('GET /machines/all', answer(200, '<html>a login page</html>'));
  await assert.rejects(app.api.checkKey(SERVER, 'another-key'), { kind: 'malformed' });
});

test('signing in over the browser asks without a key for what the user accepts', async () => {
  const { api, app } = setup();
  const path = 'GET /platform/comfyui/auth-response';
  api.fail(
    path,
    answer(404, { detail: 'Auth request not found' }),
    answer(410, { detail: 'Auth request has expired. ' }),
    answer(200, { api_key: KEY, name: null }),
    answer(200, { api_key: '', name: null }),
  );
  const ask = () => app.api.getAcceptedKey(SERVER, 'request-1');

  await assert.rejects(ask(), { kind: 'missing' });
  await assert.rejects(ask(), { kind: 'refused' });
  assert.equal(await ask(), KEY);
  await assert.rejects(ask(), { kind: 'malformed' });
  assert.deepEqual([api.calls[0]?.key, api.calls[0]?.query], [undefined, '?request_id=request-1']);
});

test('an id of any form stays one segment of the path', async () => {
  const { api, app } = setup();
  const odd = sessionId('../machines?x=1#y/z');

  await assert.rejects(app.api.getSession(odd), { kind: 'missing' });
  await assert.rejects(app.api.increaseTimeout(odd, 5, { permit }), { kind: 'missing' });
  await app.api.listMachineEvents(machineId('a/b'));

  assert.deepEqual(
    api.calls.map(({ path, query }) => path + query),
    [
      '/session/..%2Fmachines%3Fx%3D1%23y%2Fz',
      '/session/..%2Fmachines%3Fx%3D1%23y%2Fz/increase-timeout',
      '/machine/a%2Fb/events',
    ],
  );
});

test('a session without a machine cannot be extended the old way, and nothing is sent', async () => {
  const { api, app } = setup();
  const session = { id: sessionId('one'), machineId: undefined, gpu: 'T4' };

  await assert.rejects(app.api.increaseTimeoutOfOldMachine(session, 5, { permit }), { kind: 'refused' });

  assert.equal(api.calls.length, 0);
});

test('a cancel that failed for another reason is a failure', async () => {
  const { api, clock, app } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  for (const fault of [answer(400, { detail: 'no' }), answer(403, ''), answer(401, '')]) {
    api.fail('DELETE /session/one', fault);
    await assert.rejects(app.api.cancelSession(sessionId('one'), { permit }), { name: 'ApiError' });
  }
  await assert.rejects(app.api.cancelSession(sessionId('one'), { permit, signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
});
