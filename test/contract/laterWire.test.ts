import assert from 'node:assert/strict';
import test from 'node:test';
import { laterRecordings, type Recording } from '../fakes/samples';
import { SimulatorClock } from '../simulator/clock';
import { startSimulator, type Simulator } from '../simulator/simulator';

const ADA = { userId: 'user_ada', orgId: null } as const;
const ID = '[0-9a-f-]{36}';
const UNKNOWN = 'f5cff27e-4be0-4430-ace7-73c9b9b09663';

/** Pairs of forms that differ only in the order of keys; the server uses both. */
const FORMS = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/, 'naive time'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3})?Z$/, 'time with a zone'],
  [/^https:\/\//, 'address'],
  [/^[0-9a-f]{8}-[0-9a-f-]{27}$/, 'id'],
  [/^[0-9a-f]{40}$/, 'commit'],
  [/^(fc|sb)-\w+$/, 'function'],
] as const;
/** Fields whose exact text is the server's. */
const WORDS: readonly string[] = [
  'type',
  'status',
  'level',
  'machine_version',
  'machine_builder_version',
  'gpu_provider',
];

function formOf(key: string, value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'string') return Array.isArray(value) ? 'list' : typeof value;
  return WORDS.includes(key) ? value : (FORMS.find(([pattern]) => pattern.test(value))?.[1] ?? 'text');
}

/** Every form each field has been seen in. */
type Seen = ReadonlyMap<string, ReadonlySet<string>>;

function seenIn(rows: readonly unknown[]): Seen {
  const seen = new Map<string, Set<string>>();
  for (const row of rows)
    for (const [key, value] of Object.entries(row ?? {})) {
      const forms = seen.get(key) ?? new Set();
      seen.set(key, forms.add(formOf(key, value)));
    }
  return seen;
}

const listOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : [body]);
const nameOf = ({ request: { method, path } }: Recording) => `${method} ${path.split('?')[0] ?? ''}`;

function recordedRows(route: RegExp): readonly unknown[] {
  const fitting = laterRecordings.filter((one) => one.status === 200 && route.test(nameOf(one)));
  return fitting.flatMap(({ body }) => listOf(body));
}

/** An account with a machine of every kind and sessions in every phase. */
async function furnished(): Promise<{ simulator: Simulator; key: string; machineId: string; sessionId: string }> {
  const clock = new SimulatorClock({ frozenAt: Date.UTC(2026, 10, 27, 19, 47, 0, 610) });
  const simulator = await startSimulator({ clock, comfyUi: false });
  const { control } = simulator;
  const { id: machineId, versionId } = control.addMachine({ ...ADA, name: 'Flux A10G' });
  control.addMachine({ ...ADA, name: 'unbuilt', builtBy: null, status: 'building' });
  control.addMachine({ ...ADA, name: 'classic', type: 'classic', gpu: null, versionId: null, builtBy: null });
  await control.advance(12_345);
  const { id: sessionId } = await control.addSession({ machineId, minutesOld: 2.1 });
  await control.addSession({ machineId, minutesOld: 0.1, state: 'starting' });
  const { id: failing } = await control.addSession({ machineId, minutesOld: 1.01, state: 'starting' });
  control.failStartUp(failing, 'Error in launch_comfyui: RuntimeError: CUDA out of memory');
  control.writeLog(versionId ?? '', '=> Step 0: FROM base');
  await control.advance(1_234);
  return { simulator, key: control.addKey({ ...ADA, name: 'vs' }), machineId, sessionId };
}

async function setupAsk(t: { after: (done: () => Promise<void>) => void }) {
  const world = await furnished();
  t.after(() => world.simulator.close());
  const headers = { authorization: `Bearer ${world.key}` };
  const get = (path: string) => fetch(`${world.simulator.url}/api${path}`, { headers });
  return { ...world, get };
}

test('rows of the simulator have the fields of the later recordings, in forms that were recorded', async (t) => {
  const { simulator, machineId, sessionId, get } = await setupAsk(t);
  const versionId = simulator.control.machines().find(({ id }) => id === machineId)?.versionId ?? '';
  const routes: readonly (readonly [RegExp, string])[] = [
    [/^GET \/api\/machines(\/all)?$/, '/machines/all'],
    [/^GET \/api\/machines(\/all)?$/, '/machines'],
    [new RegExp(`^GET /api/machine/${ID}$`), `/machine/${machineId}`],
    [new RegExp(`^GET /api/machine/${ID}/events$`), `/machine/${machineId}/events`],
    [new RegExp(`^GET /api/machine/serverless/${ID}/versions(/all)?$`), `/machine/serverless/${machineId}/versions`],
    [/^GET \/api\/sessions$/, '/sessions'],
    [new RegExp(`^GET /api/session/${ID}$`), `/session/${sessionId}`],
    [/^GET \/api\/machine-version\/[^/]+\/error-start-logs$/, `/machine-version/${versionId}/error-start-logs`],
  ];
  for (const [route, path] of routes) {
    const recorded = recordedRows(route);
    const inner = (row: unknown): readonly unknown[] =>
      typeof row === 'object' && row !== null && 'logs' in row && Array.isArray(row.logs) ? row.logs : [row];
    const seen = seenIn(recorded.flatMap(inner));
    const answered = listOf(await (await get(path)).json()).flatMap(inner);
    assert.ok(answered.length > 0, path);
    for (const row of answered) {
      const present = seenIn([row]);
      const always = [...seen.keys()].filter((key) => recorded.flatMap(inner).every((one) => key in Object(one)));
      assert.deepEqual(
        always.filter((key) => !present.has(key)),
        [],
        `${path} lacks fields`,
      );
      for (const [key, [form = '']] of [...present].map(([field, forms]) => [field, [...forms]] as const))
        assert.ok(
          seen.get(key)?.has(form),
          `${path}: ${key} is ${form}, recorded: ${[...(seen.get(key) ?? [])].join()}`,
        );
    }
  }
});

/** The events within a moment, and whether the stream was still open after it. */
async function readFor(response: Response): Promise<{ readonly text: string; readonly isOpen: boolean }> {
  const reader = response.body!.getReader();
  let text = '';
  for (;;) {
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 150));
    const part = await Promise.race([reader.read(), late]);
    if (part === 'late' || part.done) {
      await reader.cancel();
      return { text, isOpen: part === 'late' };
    }
    text += Buffer.from(part.value).toString();
  }
}

test('logs of the simulator are written as they were recorded, have their levels, and never end', async (t) => {
  const { simulator, machineId, sessionId, get } = await setupAsk(t);
  const versionId = simulator.control.machines().find(({ id }) => id === machineId)?.versionId ?? '';
  const event = /^data: \{"message": ".*", "level": "(?:info|builder)", "timestamp": "\d{4}-\d\d-\d\dT[\d:.]+Z"\}$/;
  const recorded = laterRecordings.filter(({ content_type }) => content_type.startsWith('text/event-stream'));
  for (const { body, label } of recorded)
    for (const one of String(body).trimEnd().split('\n\n').filter(Boolean)) assert.match(one, event, label);

  for (const [query, level] of [
    [`session_id=${sessionId}`, 'info'],
    [`session_id=${sessionId}&log_level=info`, 'info'],
    [`session_id=${sessionId}&log_level=error`, undefined],
    [`machine_id_version=${versionId}`, 'builder'],
    [`machine_id_version=${versionId}&log_level=info`, undefined],
    ['', undefined],
  ] as const) {
    const response = await get(`/v2/stream-logs?${query}`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.equal(response.headers.get('cache-control'), null);
    const { text, isOpen } = await readFor(response);
    assert.ok(isOpen, query);
    const events = text.trimEnd().split('\n\n').filter(Boolean);
    assert.equal(events.length > 0, level !== undefined, query);
    for (const one of events) {
      assert.match(one, event);
      assert.ok(one.includes(`"level": "${level ?? ''}"`), query);
    }
  }
});

/** Requests that do not depend on earlier ones, with their recorded answers. */
const ALONE: readonly (readonly [label: string, path: string])[] = [
  ['build log of an unknown version (closed by server)', `/v2/stream-logs?machine_id_version=${UNKNOWN}`],
  ['build log, malformed version id (closed by server)', '/v2/stream-logs?machine_id_version=abc'],
  ['log of an unknown session (closed by server)', '/v2/stream-logs?session_id=nope'],
  ['machine versions of an unknown machine', `/machine/serverless/${UNKNOWN}/versions`],
  ['events of a foreign machine: an empty list', `/machine/${UNKNOWN}/events`],
  ['events: malformed id', '/machine/xyz/events'],
  ['start errors: any text as id', '/machine-version/xyz/error-start-logs'],
  ['machines: bad limit', '/machines?limit=abc'],
  ['foreign machine', `/machine/${UNKNOWN}`],
  ['sign-in: before it is accepted', `/platform/comfyui/auth-response?request_id=${UNKNOWN}`],
];

test('what depends on nothing else is answered as it was recorded', async (t) => {
  const { get } = await setupAsk(t);
  for (const [label, path] of ALONE) {
    const recording = laterRecordings.find((one) => one.label === label);
    assert.ok(recording, label);
    const response = await get(path);
    assert.equal(response.status, recording.status, label);
    const isText = typeof recording.body === 'string';
    assert.deepEqual(isText ? await response.text() : await response.json(), recording.body, label);
  }
});

test('one session without a GPU fails the whole list, as it was recorded', async (t) => {
  const { simulator, sessionId, get } = await setupAsk(t);
  simulator.control.alterSession(sessionId, { gpu: null });
  const recording = laterRecordings.find((one) => one.status === 500 && nameOf(one) === 'GET /api/sessions');
  const response = await get('/sessions');
  assert.deepEqual([response.status, await response.text()], [500, recording?.body]);
  assert.equal((await get(`/session/${sessionId}`)).status, 500);
});

test('what has no container running yet is called off at once, and a sandbox stops at once', async (t) => {
  const { simulator, machineId, key, get } = await setupAsk(t);
  const { control } = simulator;
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${simulator.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const bodies = { session: { machine_id: machineId, gpu: 'T4' }, 'session/dynamic': { gpu: 'T4', timeout: 5 } };
  for (const [path, body] of Object.entries(bodies)) {
    control.set({ startUpMs: path === 'session' ? 60_000 : 1 });
    const { session_id: id } = (await (await ask('POST', `/${path}`, body)).json()) as { session_id: string };
    await control.advance(2_000);
    assert.equal((await ask('DELETE', `/session/${id}`)).status, 200, path);
    assert.equal((await get(`/session/${id}`)).status, 404, path);
  }
});
