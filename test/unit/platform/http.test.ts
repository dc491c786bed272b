import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError, type ApiErrorKind } from '../../../src/platform/errors';
import { answer, type Fault } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { setupHttp } from '../../fakes/http';
import { KEY } from '../../fakes/setup';

const isKind = (kind: ApiErrorKind) => (error: unknown) => error instanceof ApiError && error.kind === kind;
const UNREACHABLE: Fault = { kind: 'unreachable' };

test('a request carries its key, its query and its body, and follows no redirect', async () => {
  const { api, ask } = setupHttp();

  await ask({ query: { limit: '1', 'odd name': 'a&b' } });
  await ask({ method: 'POST', path: '/session', body: { machine_id: 'one' } });

  const [get, post] = api.calls;
  assert.deepEqual([get?.key, get?.query, get?.redirect], [KEY, '?limit=1&odd+name=a%26b', 'error']);
  assert.deepEqual([post?.method, post?.body, post?.redirect], ['POST', { machine_id: 'one' }, 'error']);
});

test('a request may carry another key, or none', async () => {
  const { api, ask } = setupHttp();

  await ask({ key: 'another' });
  await ask({ key: null });

  assert.deepEqual(
    api.calls.map(({ key }) => key),
    ['another', undefined],
  );
});

test('the log has each request at its lowest level only: method, path, result and time, and no value of its query', async () => {
  const { api, clock, ask, log } = setupHttp();
  await assert.rejects(ask({ path: '/machine/m-1', query: { token: 'secret' } }));
  api.fail('GET /sessions', { kind: 'unreachable' });
  const failing = assert.rejects(ask({ attempts: 1, query: { name: 'secret' } }));
  await clock.advance(1_000);
  await failing;
  assert.deepEqual(log.traced, ['GET /machine/m-1 404 in 0 ms', 'GET /sessions failed in 0 ms']);
  assert.deepEqual(
    log.lines.filter((line) => / in \d+ ms|secret|api\.test/.test(line)),
    log.traced,
  );
});

test('without a key nothing is sent', async () => {
  const { api, ask } = setupHttp({ isSignedIn: false });

  await assert.rejects(ask(), isKind('unauthorized'));

  assert.equal(api.calls.length, 0);
});

test('with an address that cannot be used nothing is sent', async () => {
  const { api, ask } = setupHttp({ baseUrl: 'http://api.example.org' });

  await assert.rejects(ask(), isKind('misconfigured'));
  await assert.rejects(ask({ method: 'POST' }), isKind('misconfigured'));

  assert.equal(api.calls.length, 0);
});

test('an answer that does not come is given up after 25 seconds, and not asked for again', async () => {
  const { api, clock, ask } = setupHttp();
  for (const kind of ['silent', 'stalled'] as const) {
    api.fail('GET /sessions', { kind });
    const before = api.calls.length;

    const asked = ask();
    const rejected = assert.rejects(asked, { kind: 'offline', message: /within 25 seconds/ });
    await clock.advance(24_999);
    assert.equal(clock.pending, 1, 'still waiting');
    await clock.advance(1);
    await rejected;

    assert.equal(api.calls.length - before, 1, kind);
    assert.equal(clock.pending, 0);
  }
});

test('a request can have a deadline of its own', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', { kind: 'silent' });

  const rejected = assert.rejects(ask({ timeout: 3_000 }), /within 3 seconds/);
  await clock.advance(3_000);

  await rejected;
});

test('giving up is not a failure: the reason passes through as it is', async () => {
  const { api, clock, ask } = setupHttp();
  for (const kind of ['silent', 'stalled'] as const) {
    api.fail('GET /sessions', { kind });
    const giveUp = new AbortController();
    const asked = ask({ signal: giveUp.signal });
    await settled();

    giveUp.abort();

    await assert.rejects(asked, { name: 'AbortError' });
    assert.equal(clock.pending, 0, 'no alarm is left');
  }

  api.fail('POST /session', { kind: 'silent' });
  const giveUp = new AbortController();
  const asked = ask({ method: 'POST', path: '/session', body: {}, signal: giveUp.signal });
  await settled();
  giveUp.abort(new RangeError('enough'));
  await assert.rejects(asked, RangeError);
});

test('giving up ends the pause before the next attempt', async () => {
  const { api, clock, ask } = setupHttp();
  api.fail('GET /sessions', answer(503, ''));
  const giveUp = new AbortController();
  const asked = ask({ signal: giveUp.signal });
  await settled();

  giveUp.abort();

  await assert.rejects(asked, { name: 'AbortError' });
  assert.equal(clock.pending, 0);
  assert.equal(api.calls.length, 1);
});

test('what was given up before it began is not sent on', async () => {
  const { ask, clock } = setupHttp();

  await assert.rejects(ask({ signal: AbortSignal.abort() }), { name: 'AbortError' });

  assert.equal(clock.pending, 0);
});

test('half an answer is no answer, and a whole one that is no JSON is not understood', async () => {
  const { api, ask } = setupHttp();
  api.fail('POST /session', { kind: 'cut' });
  await assert.rejects(ask({ method: 'POST', path: '/session', body: {} }), isKind('offline'));

  api.fail('GET /sessions', answer(200, '<html>a login page</html>'));
  await assert.rejects(ask(), isKind('malformed'));
});

test('the clock of the server is learnt from every answer, also from a refusal', async () => {
  const { api, serverTime, ask } = setupHttp();
  api.clockOffset = 3_600_000;
  await ask();
  assert.ok(Math.abs(serverTime.offset - 3_600_000) <= 500);

  const other = setupHttp();
  other.api.fail('GET /sessions', answer(404, '', { date: new Date(other.clock.now() - 60_000).toUTCString() }));
  await assert.rejects(other.ask());
  assert.ok(Math.abs(other.serverTime.offset + 60_000) <= 500);
});

test('neither a failure nor the log ever holds the key, the address or the query', async () => {
  const said: string[] = [];
  for (const fault of [
    UNREACHABLE,
    { kind: 'silent' },
    answer(401, { detail: 'Revoked' }),
    answer(200, '['),
  ] as const) {
    const { api, clock, log, ask } = setupHttp();
    api.fail('GET /sessions', fault, fault, fault);
    await clock.finish(ask({ query: { cursor: 'SECRET-QUERY' } })).catch((error: unknown) => said.push(String(error)));
    said.push(...log.lines);
  }

  assert.match(said.join('\n'), /Revoked[\s\S]*GET \/sessions/);
  for (const secret of [KEY, KEY.split('.')[1] ?? KEY, 'api.test', 'SECRET-QUERY'])
    assert.ok(!said.join('\n').includes(secret));
});

test('an answer that goes on is there with its head, and is given up with its signal', async () => {
  const { api, http, clock } = setupHttp();
  api.fail('GET /sessions', { kind: 'stalled' });
  const giveUp = new AbortController();

  const stream = await http.open({ method: 'GET', path: '/sessions', signal: giveUp.signal });
  assert.equal(clock.pending, 0, 'no deadline for the rest');
  const reader = stream.getReader();
  assert.equal((await reader.read()).done, false);
  const next = reader.read();
  giveUp.abort();

  await assert.rejects(next, { name: 'AbortError' });
});

test('an answer that goes on can fail to begin', async () => {
  const { api, http, clock } = setupHttp();
  const { signal } = new AbortController();
  const open = () => http.open({ method: 'GET', path: '/sessions', signal });

  api.fail('GET /sessions', answer(404, { detail: 'Session not found' }), UNREACHABLE, { kind: 'silent' });
  await assert.rejects(open(), { kind: 'missing', message: 'Session not found' });
  await assert.rejects(open(), isKind('offline'));
  await assert.rejects(clock.finish(open()), /within 25 seconds/);
});
