import assert from 'node:assert/strict';
import test from 'node:test';
import { listedIds, PERSON, start } from './start';

test('a connection cut before the work leaves it undone, one cut after it done', async (t) => {
  const { ask, control } = await start(t);
  const body = { machine_id: control.addMachine({ ...PERSON, name: 'box' }).id };
  const cutOnce = (when: 'before' | 'after') => {
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when } });
  };

  cutOnce('before');
  await assert.rejects(ask('POST', '/session', body));
  assert.equal(control.bill().created, 0);

  cutOnce('after');
  await assert.rejects(ask('POST', '/session', body));
  assert.equal(control.bill().created, 1);

  assert.equal((await ask('POST', '/session', body)).status, 200);
  assert.deepEqual(control.counts(), { 'POST /api/session': 3 });
});

test('an answer can be replaced, headers and all, so many times', async (t) => {
  const { ask, control } = await start(t);
  const headers = { 'retry-after': '7' };
  const effect = { kind: 'answer', status: 429, body: { detail: 'Too many' }, headers } as const;
  control.fault({ path: '/api/session*', times: 2, effect });

  const first = await ask('GET', '/sessions');
  assert.deepEqual([first.status, first.headers.get('retry-after'), first.body], [429, '7', { detail: 'Too many' }]);
  assert.equal((await ask('GET', '/machines')).status, 200);
  assert.equal((await ask('GET', '/session/1')).status, 429);
  assert.equal((await ask('GET', '/sessions')).status, 200);
});

test('answers can be bent: other words, more fields, fewer, no JSON, half of it', async (t) => {
  const { ask, control } = await start(t);
  const { id } = await control.addSession({ ...PERSON });
  const bend = (effect: Parameters<typeof control.fault>[0]['effect']) => {
    control.fault({ path: '/api/sessions', times: 1, effect });
  };

  bend({ kind: 'set', fields: { gpu: 'RTX-9090', moon: 'full' } });
  const [bent] = (await ask('GET', '/sessions')).body as readonly Record<string, unknown>[];
  assert.deepEqual([bent?.['gpu'], bent?.['moon'], bent?.['id']], ['RTX-9090', 'full', id]);

  bend({ kind: 'omit', fields: ['gpu'] });
  const [poorer] = (await ask('GET', '/sessions')).body as readonly Record<string, unknown>[];
  assert.equal('gpu' in (poorer ?? {}), false);

  bend({ kind: 'badJson' });
  assert.equal(typeof (await ask('GET', '/sessions')).body, 'string');

  bend({ kind: 'truncate', bytes: 10 });
  await assert.rejects(ask('GET', '/sessions'));

  assert.deepEqual(await listedIds(ask), [id]);
});

test('offline, every connection is reset, and those already open are cut', async (t) => {
  const { url, ask, control, key } = await start(t);
  const { id } = await control.addSession({ ...PERSON });
  const stream = await fetch(`${url}/api/v2/stream-logs?session_id=${id}&cd_token=${key}`);

  control.setOffline(true);
  await assert.rejects(stream.text());
  await assert.rejects(ask('GET', '/sessions'));
  control.setOffline(false);
  assert.equal((await ask('GET', '/sessions')).status, 200);
});

test('a log stream can break in the middle', async (t) => {
  const { url, control, key } = await start(t);
  const { id } = await control.addSession({ ...PERSON });
  control.fault({ path: '/api/v2/stream-logs', times: 1, effect: { kind: 'truncate', bytes: 20 } });
  const stream = await fetch(`${url}/api/v2/stream-logs?session_id=${id}&cd_token=${key}`);
  await assert.rejects(stream.text());
});

test('the events of a log stream can be no JSON any more, and come all the same', async (t) => {
  const { url, control, key } = await start(t);
  const { id } = await control.addSession({ ...PERSON });
  control.fault({ path: '/api/v2/stream-logs', times: 1, effect: { kind: 'badJson' } });
  const { body } = await fetch(`${url}/api/v2/stream-logs?session_id=${id}&cd_token=${key}`);
  assert.ok(body);
  for await (const bytes of body) {
    const [data] = /(?<=^data: ).+$/m.exec(Buffer.from(bytes).toString('utf8')) ?? [''];
    assert.match(data, /"message"/);
    assert.throws(() => JSON.parse(data));
    break; // the stream has no end
  }
});

test('an answer can be late, or never come', async (t) => {
  const { url, ask, control, key } = await start(t);
  control.fault({ path: '/api/sessions', times: 1, effect: { kind: 'latency', ms: 50 } });
  const asked = performance.now();
  assert.equal((await ask('GET', '/sessions')).status, 200);
  assert.ok(performance.now() - asked >= 45);

  control.fault({ path: '/api/sessions', times: 1, effect: { kind: 'hang' } });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(fetch(`${url}/api/sessions`, { signal, headers: { 'x-api-key': key } }), {
    name: 'TimeoutError',
  });
});

test('the date of an answer is the time of the service, unless it is skewed', async (t) => {
  const { ask, control } = await start(t);
  const dated = async () => Date.parse((await ask('GET', '/sessions')).headers.get('date') ?? '');
  await control.advance(90_000);
  assert.equal(await dated(), Date.UTC(2030, 0, 1, 12, 1, 30));
  control.setDateSkew(-600);
  assert.equal(await dated(), Date.UTC(2030, 0, 1, 11, 51, 30));
});

test('the log of requests names no query value', async (t) => {
  const { url, control, key } = await start(t);
  await fetch(`${url}/api/sessions?cd_token=${key}`);
  const [request] = control.requests();
  const { method, path, query, status } = request ?? {};
  assert.deepEqual(
    { method, path, query, status },
    { method: 'GET', path: '/api/sessions', query: ['cd_token'], status: 200 },
  );
});
