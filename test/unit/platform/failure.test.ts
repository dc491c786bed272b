import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError, isAbort, toApiError, type ApiErrorKind } from '../../../src/platform/errors';
import { failureOf } from '../../../src/platform/failure';
import { written } from '../../fakes/faults';
import { recordedFailures } from '../../fakes/samples';

async function failure(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = written(status, body, headers);
  return failureOf(response, await response.text(), 'ComfyDeploy');
}

test("every recorded failure is shown in the server's words", async () => {
  const kinds: Readonly<Record<number, ApiErrorKind>> = {
    400: 'refused',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'missing',
    405: 'refused',
    422: 'refused',
    500: 'busy',
  };
  for (const { label, status, body } of recordedFailures) {
    const { kind, message } = await failure(status, body);
    assert.equal(kind, kinds[status], label);
    if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string')
      assert.equal(message, body.detail, label);
    else assert.match(message, status === 500 ? /had a server error \(500\)/ : /^[a-z_]+: [A-Z]/, label);
  }
});

test('a list of wrong fields names each field and what is wrong with it', async () => {
  const detail = [
    { type: 'missing', loc: ['body', 'machine_id'], msg: 'Field required', input: {} },
    { type: 'int_type', loc: ['body', 'sizes', 0], msg: 'Not a number', input: 'x' },
    { type: 'value_error', msg: 'Nothing fits' },
  ];

  assert.equal(
    (await failure(422, { detail })).message,
    'machine_id: Field required; sizes.0: Not a number; Nothing fits',
  );
});

test('every other way to write a failure is understood', async () => {
  const bodies = [
    [{ detail: { error: 'limit', message: 'Too many machines', current_count: 3 } }, 'Too many machines'],
    [{ detail: { error: 'limit' } }, 'limit'],
    [{ error: 'No such key' }, 'No such key'],
    [{ message: 'Not today' }, 'Not today'],
    [{ detail: '', error: 'the rest' }, 'the rest'],
  ] as const;
  for (const [body, sentence] of bodies) assert.equal((await failure(400, body)).message, sentence);
});

test('a failure without words gets ours, and never a page of markup', async () => {
  for (const body of [
    '',
    '<html>Bad Gateway</html>',
    '{"detail":',
    {},
    { detail: [] },
    { detail: 7 },
    { detail: null },
    [],
    null,
  ])
    assert.match((await failure(502, body)).message, /^ComfyDeploy had a server error \(502\)\.$/);
  assert.match((await failure(429, '')).message, /fewer requests/);
  assert.match((await failure(418, '')).message, /rejected the request \(HTTP 418\)/);
});

const SQL =
  "(sqlalchemy.dialects.postgresql.asyncpg.IntegrityError) <class 'asyncpg.exceptions.ForeignKeyViolationError'>: insert" +
  ` [SQL: INSERT INTO gpu_events (id, user_id) VALUES ($1, $2)]\n[parameters: ('${'x'.repeat(900)}', 'user_ada')]`;

test('what a server in trouble says of its database is passed on to nobody', async () => {
  for (const detail of [
    SQL,
    `short: ('user_ada',)`,
    "'str' object has no attribute 'value'",
    'x'.repeat(121),
    'a\n[b]',
  ])
    for (const body of [{ detail }, { error: detail }, { detail: { message: detail } }])
      assert.equal((await failure(500, body)).message, 'ComfyDeploy had a server error (500).', detail);
  assert.equal((await failure(500, { detail: 'Session creation failed' })).message, 'Session creation failed');
  assert.equal((await failure(500, { detail: '404: Workflow not found' })).message, '404: Workflow not found');
});

test('a sentence is one line, and ends somewhere', async () => {
  const forged = 'No.\r\n2030-01-01 [info] All is well\x00\u0085';
  assert.equal((await failure(400, { detail: forged })).message, 'No. 2030-01-01 [info] All is well');
  assert.equal((await failure(400, { detail: 'x'.repeat(100_000) })).message.length, 301);
  assert.match((await failure(400, { detail: ' \n ' })).message, /rejected the request \(HTTP 400\)/);
});

test('the status decides what a failure means', async () => {
  const kinds = [
    [402, 'forbidden'],
    [408, 'busy'],
    [410, 'refused'],
    [429, 'busy'],
    [503, 'busy'],
  ] as const;
  for (const [status, kind] of kinds) assert.equal((await failure(status, '')).kind, kind);
});

test('a request to stay away may come in seconds or as a date of the server', async () => {
  const date = 'Tue, 01 Jan 2030 12:00:00 GMT';
  const later = 'Tue, 01 Jan 2030 12:01:30 GMT';

  assert.equal((await failure(429, '', { 'retry-after': '7' })).retryAfter, 7_000);
  assert.equal((await failure(503, '', { 'retry-after': later, date })).retryAfter, 90_000);
  assert.equal((await failure(503, '', { 'retry-after': date, date: later })).retryAfter, 0, 'a date gone by');
  assert.equal((await failure(503, '', { 'retry-after': '-5' })).retryAfter, 0);
});

test('a request to stay away that cannot be read is none', async () => {
  assert.equal((await failure(503, '', { 'retry-after': 'soon' })).retryAfter, undefined);
  assert.equal((await failure(503, '', { 'retry-after': 'Tue, 01 Jan 2030 12:01:30 GMT' })).retryAfter, undefined);
  assert.equal((await failure(503, '')).retryAfter, undefined);
});

test('what was lost, broken or unreadable may have happened all the same; what was refused has not', () => {
  const isOpen = (kind: ApiErrorKind) => new ApiError(kind, 'x').outcomeUnknown;
  assert.deepEqual((['offline', 'busy', 'malformed'] as const).map(isOpen), [true, true, true]);
  assert.deepEqual((['unauthorized', 'forbidden', 'refused', 'missing', 'misconfigured'] as const).map(isOpen), [
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('anything thrown becomes one of our failures, and keeps its cause', () => {
  const ours = new ApiError('busy', 'x');
  assert.equal(toApiError(ours), ours);
  assert.equal(toApiError(new TypeError('odd')).kind, 'malformed');
  assert.ok(toApiError(new TypeError('odd')).cause instanceof TypeError);
  assert.ok(isAbort(new DOMException('x', 'AbortError')));
  assert.ok(!isAbort(ours));
});
