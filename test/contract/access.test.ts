import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { connectControl } from '../simulator/remoteControl';
import { listedIds, MEMBER, PERSON, start } from './start';

test('a key is taken from the first place that has one, and its scheme is case-sensitive', async (t) => {
  const { url, key } = await start(t);
  const statusOf = async (headers: Record<string, string>, query = '') =>
    (await fetch(`${url}/api/sessions${query}`, { headers })).status;

  assert.equal(await statusOf({ authorization: `Bearer ${key}` }), 200);
  assert.equal(await statusOf({ authorization: `bearer ${key}` }), 401);
  assert.equal(await statusOf({ 'x-api-key': key }), 200);
  assert.equal(await statusOf({ 'x-api-key': key, authorization: 'Bearer nonsense' }), 401);
  assert.equal(await statusOf({ authorization: 'Bearer nonsense' }, `?cd_token=${key}`), 200);
  assert.equal(await statusOf({ cookie: '__session=nonsense' }, `?cd_token=${key}`), 401);
});

test('a revoked key is reported as such', async (t) => {
  const { ask, control, key } = await start(t);
  control.revokeKey(key);
  const { status, body } = await ask('GET', '/sessions');
  assert.deepEqual([status, body], [401, { detail: 'Revoked token' }]);
});

test('the claims of a key can be read', async (t) => {
  const { orgKey } = await start(t);
  const claims: unknown = JSON.parse(Buffer.from(orgKey.split('.')[1] ?? '', 'base64url').toString());
  assert.deepEqual(claims, { user_id: 'user_demo', iat: Date.UTC(2030, 0, 1, 12) / 1_000, org_id: 'org_demo' });
});

test('an organization sees what its members have, a person nothing of any organization', async (t) => {
  const { ask, control, orgKey } = await start(t);
  const { id: machineId } = control.addMachine({ ...MEMBER, name: 'shared' });
  const { id } = await control.addSession({ machineId, userId: 'user_mira' });
  const own = await control.addSession({ ...PERSON });

  assert.deepEqual(await listedIds(ask, orgKey), [id]);
  assert.deepEqual(await listedIds(ask), [own.id]);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404);
  assert.equal((await ask('GET', `/machine/${machineId}`)).status, 404);
  assert.equal((await ask('DELETE', `/session/${id}`)).status, 404);
});

test('signing in by the browser hands out a key for thirty seconds and for seven days', async (t) => {
  const { url, ask, control } = await start(t);
  const id = randomUUID();
  const answer = () => fetch(`${url}/api/platform/comfyui/auth-response?request_id=${id}`);
  assert.equal((await fetch(`${url}/auth/request/not-a-uuid`)).status, 404);
  assert.match(await (await fetch(`${url}/auth/request/${id}`)).text(), /Accept/);
  assert.equal((await answer()).status, 404);

  await fetch(`${url}/auth/request/${id}`, {
    method: 'POST',
    body: new URLSearchParams({ account: 'user_demo in org_demo' }),
  });
  const { api_key, name } = (await (await answer()).json()) as { readonly api_key: string; readonly name: string };
  assert.equal(name, 'Demo Studio');
  assert.equal((await ask('GET', '/sessions', undefined, api_key)).status, 200);

  await control.advance(30_001);
  const late = await answer();
  assert.deepEqual([late.status, await late.json()], [410, { detail: 'Auth request has expired. ' }]);
  await control.advance(7 * 24 * 3_600_000);
  assert.equal((await ask('GET', '/sessions', undefined, api_key)).status, 401);
});

test('no page but the dashboard may call', async (t) => {
  const { url } = await start(t);
  const preflight = (origin: string) =>
    fetch(`${url}/api/sessions`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
  const refused = await preflight('vscode-webview://abc');
  assert.equal(refused.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.deepEqual([refused.status, await refused.text()], [400, 'Disallowed CORS origin']);
  assert.equal((await preflight('https://app.comfydeploy.com')).status, 200);
});

test('a trailing slash is redirected, without a body', async (t) => {
  const { url, key } = await start(t);
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/api/sessions/?machine_id=1`, { headers, redirect: 'manual' });
  assert.deepEqual([answer.status, await answer.text()], [307, '']);
  assert.equal(answer.headers.get('location'), `${url}/api/sessions?machine_id=1`);
});

test('malformed bodies are refused as the validator refuses them', async (t) => {
  const { url, key } = await start(t);
  const post = async (body: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const answer = await fetch(`${url}/api/session`, { method: 'POST', headers, body });
    const { detail } = (await answer.json()) as { readonly detail: readonly { readonly type: string }[] };
    return [answer.status, ...detail.map(({ type }) => type)];
  };
  assert.deepEqual(await post('{'), [422, 'json_invalid']);
  assert.deepEqual(await post('[]'), [422, 'model_attributes_type']);
  assert.deepEqual(await post('{}', 'text/plain'), [422, 'model_attributes_type']);
  assert.deepEqual(await post('{"timeout":"x","gpu":"RTX"}'), [422, 'missing', 'enum', 'int_parsing']);
});

test('control reaches over HTTP as well, into a session too', async (t) => {
  const { url, control } = await start(t, { comfyUi: true });
  const remote = connectControl(url);
  const { id } = await remote.addSession({ ...PERSON, minutesLeft: 5 });
  assert.equal(control.session(id)?.userId, 'user_demo');
  await remote.comfyUi(id).startJob({ seconds: 600 });
  assert.equal(await remote.comfyUi(id).queueRemaining(), 1);
  await remote.advance(6 * 60_000);
  assert.equal((await remote.bill()).sessions[0]?.open, false);
  await assert.rejects(remote.comfyUi(id).queueRemaining());
});
