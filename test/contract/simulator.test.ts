import assert from 'node:assert/strict';
import test from 'node:test';
import { laterRecordings } from '../fakes/samples';
import { listedIds, PERSON, start, type Ask, type Started } from './start';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function create(ask: Ask, body: object): Promise<string> {
  const answer = await ask('POST', '/session', body);
  assert.equal(answer.status, 200);
  return (answer.body as { readonly session_id: string }).session_id;
}

async function read(ask: Ask, id: string): Promise<Readonly<Record<string, unknown>>> {
  return (await ask('GET', `/session/${id}`)).body as Record<string, unknown>;
}

/** Waits until the requests have arrived, which shows in the number of sessions. */
async function sessionsReach(count: number, control: Started['control']): Promise<void> {
  while (control.sessions().length < count) await new Promise((resolve) => setImmediate(resolve));
}

const addBox = ({ control }: Started, input = {}) => control.addMachine({ ...PERSON, name: 'sd-box', ...input });

test('a session starts, counts down, stops by itself and is gone', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const id = await create(ask, { machine_id: addBox(started).id, timeout: 10 });
  assert.equal((await read(ask, id))['url'], null);

  await control.advance(4_000);
  assert.match(String((await read(ask, id))['url']), /^https:/);
  assert.deepEqual(await listedIds(ask), [id]);

  await control.advance(10 * MINUTE - 4_000);
  assert.deepEqual(await listedIds(ask), [], 'a stopping session is not listed');
  assert.equal((await read(ask, id))['timeout_end'], null);
  assert.equal((await ask('DELETE', `/session/${id}`)).status, 200, 'cancelling it again is no error');

  await control.advance(2_000);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404);
});

test('only one of the two extensions moves the end', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machine_id } = addBox(started);
  const id = await create(ask, { machine_id, timeout: 10 });
  const before = await read(ask, id);

  await ask('POST', '/session/increase-timeout', { machine_id, session_id: id, timeout: 30, gpu: 'A10G' });
  assert.deepEqual(await read(ask, id), { ...before, timeout: 40 });

  await ask('POST', `/session/${id}/increase-timeout`, { minutes: 5 });
  assert.deepEqual(await read(ask, id), { ...before, timeout: 40, timeout_end: '2030-01-01T12:15:00' });

  await control.advance(15 * MINUTE);
  assert.deepEqual(await listedIds(ask), []);
});

test('an extension may shorten, and none outlives the container', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machine_id } = addBox(started);
  const short = await create(ask, { machine_id, timeout: 10 });
  await ask('POST', `/session/${short}/increase-timeout`, { minutes: -11 });
  await control.advance(0);
  assert.deepEqual(await listedIds(ask), []);

  const long = await create(ask, { machine_id, timeout: 10 });
  await ask('POST', `/session/${long}/increase-timeout`, { minutes: 100_000 });
  await control.advance(23 * HOUR);
  assert.deepEqual(await listedIds(ask), [long]);
  await control.advance(2 * HOUR);
  assert.deepEqual(await listedIds(ask), []);
});

test('a session of an old machine is never listed, and only its length can be raised', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machine_id } = addBox(started, { keepsDeadlines: false });
  const id = await create(ask, { machine_id, timeout: 10 });
  assert.deepEqual(await listedIds(ask), []);
  assert.equal((await read(ask, id))['timeout_end'], null);

  const refused = await ask('POST', `/session/${id}/increase-timeout`, { minutes: 5 });
  assert.deepEqual([refused.status, refused.body], [404, { detail: 'Timeout end not found for session' }]);
  await ask('POST', '/session/increase-timeout', { machine_id, session_id: id, timeout: 5, gpu: 'A10G' });
  await control.advance(14 * MINUTE);
  assert.equal((await read(ask, id))['timeout'], 15);
  await control.advance(2 * MINUTE);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404);
});

test('a create answers after ten seconds even if no container could be called for', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  control.set({ callMs: 60_000 });
  const creating = create(ask, { machine_id: addBox(started).id });
  await sessionsReach(1, control);
  await control.advance(10_000);
  const id = await creating;

  const cancelled = await ask('DELETE', `/session/${id}`);
  assert.deepEqual([cancelled.status, cancelled.body], [400, { detail: 'Modal function id not found' }]);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404, 'closed all the same');
});

test('a create that waits for the server answers with its address, or that it failed', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const body = { machine_id: addBox(started).id, wait_for_server: true };
  const waiting = ask('POST', '/session', body);
  await sessionsReach(1, control);
  await control.advance(4_000);
  const { body: answer } = await waiting;
  assert.equal((answer as { readonly url: unknown }).url, control.sessions()[0]?.url);

  const failing = ask('POST', '/session', body);
  await sessionsReach(2, control);
  control.failStartUp(control.sessions()[1]?.id ?? '', 'No more GPUs');
  const { status, body: failure } = await failing;
  assert.deepEqual([status, failure], [500, { detail: 'Session creation failed' }]);
});

test('a start-up that fails leaves its reason in the logs and nothing anywhere else', async (t) => {
  const started = await start(t);
  const { ask, control, url, key } = started;
  const { id: machine_id, versionId } = addBox(started);
  const id = await create(ask, { machine_id });
  const recorded = (label: string) => laterRecordings.find((one) => one.label === label)?.body;
  const { logs: left } = recorded('start errors of a version') as {
    readonly logs: readonly { readonly logs: string }[];
  };
  control.failStartUp(id, 'Error in launch_comfyui: RuntimeError: CUDA out of memory');

  assert.deepEqual(await listedIds(ask), []);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404);
  const logs = await ask('GET', `/machine-version/${versionId ?? ''}/error-start-logs`);
  assert.deepEqual(logs.body, { logs: [{ timestamp: Date.UTC(2030, 0, 1, 12) / 1_000, logs: left[0]?.logs }] });
  const stream = await fetch(`${url}/api/v2/stream-logs?session_id=${id}&cd_token=${key}`);
  const received = await lines(stream, 5);
  const log = recorded('log of a session that fails to start (cut by the recorder while open)');
  const said = await lines(new Response(String(log)), 8);
  assert.deepEqual(received, [said[0], ...said.slice(-4)]);
  const [event] = (await ask('GET', `/machine/${machine_id}/events`)).body as Record<string, unknown>[];
  assert.deepEqual([event?.['start_time'], event?.['tunnel_url']], [event?.['end_time'], null], 'it never ran');
});

test('a session that never gets up is closed after ten minutes', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  control.set({ startUpMs: null });
  const id = await create(ask, { machine_id: addBox(started).id, timeout: 60 });
  await control.advance(10 * MINUTE - 1);
  assert.deepEqual(await listedIds(ask), [id]);
  await control.advance(1);
  assert.deepEqual(await listedIds(ask), []);
});

test('the log stream replays from the start, goes on, and is kept ten minutes after the end', async (t) => {
  const started = await start(t);
  const { ask, control, url, key } = started;
  const id = await create(ask, { machine_id: addBox(started).id });
  const follow = () => fetch(`${url}/api/v2/stream-logs?session_id=${id}`, { headers: { 'x-api-key': key } });
  const early = await follow();
  assert.equal(early.headers.get('content-type'), 'text/event-stream; charset=utf-8');

  await control.advance(4_000);
  control.writeLog(id, 'got prompt');
  const all = await lines(early, 11);
  assert.equal(all[0], 'Creating session...');
  assert.equal(all.at(-1), 'got prompt');
  assert.deepEqual(await lines(await follow(), 11), all);

  await control.endSession(id);
  await control.advance(10 * MINUTE - 1);
  assert.equal((await lines(await follow(), 1)).length, 1);
  await control.advance(1);
  const gone = await follow();
  assert.deepEqual([gone.status, await gone.json()], [404, { detail: 'Session not found' }]);
});

test('without its log store the server says so and closes the stream', async (t) => {
  const started = await start(t);
  const { ask, control, url, key } = started;
  control.set({ logs: 'unavailable' });
  const id = await create(ask, { machine_id: addBox(started).id });
  const response = await fetch(`${url}/api/v2/stream-logs?session_id=${id}&cd_token=${key}`);
  assert.equal(await response.text(), 'data: {"type": "stream_unavailable"}\n\n');
});

test('one session without a GPU fails the reading of all', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  await create(ask, { machine_id: addBox(started).id });
  const id = await create(ask, { machine_id: addBox(started, { gpu: null }).id });
  for (const path of ['/sessions', `/session/${id}`]) {
    const { status, body } = await ask('GET', path);
    assert.deepEqual([status, body], [500, 'Internal Server Error']);
  }
  await control.endSession(id);
  assert.equal((await listedIds(ask)).length, 1);
});

test('what has not started comes first, then the latest start', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machineId } = addBox(started);
  const older = await control.addSession({ machineId, minutesOld: 30 });
  const newer = await control.addSession({ machineId, minutesOld: 10 });
  const starting = await control.addSession({ machineId, minutesOld: 20, state: 'starting' });
  assert.deepEqual(
    await listedIds(ask),
    [starting, newer, older].map(({ id }) => id),
  );
});

test('a free account with little credit gets thirty minutes in all', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  control.setAccount(PERSON, { plan: 'free', creditDollars: 5 });
  const id = await create(ask, { machine_id: addBox(started).id, timeout: 20 });
  const extend = async (minutes: number) => (await ask('POST', `/session/${id}/increase-timeout`, { minutes })).status;
  await control.advance(4_000);

  control.setAccount(PERSON, { creditDollars: 4.99 });
  assert.equal(await extend(11), 400);
  assert.equal(await extend(10), 200);
  control.setAccount(PERSON, { creditDollars: 5 });
  assert.equal(await extend(60), 200);
});

test('a session outlives the row of its machine', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machineId } = addBox(started);
  const { id } = await control.addSession({ machineId });

  control.deleteMachine(machineId);
  assert.deepEqual((await ask('GET', '/machines/all')).body, []);
  assert.equal((await read(ask, id))['machine_id'], machineId);
  control.dropMachine(machineId);
  assert.equal((await read(ask, id))['machine_id'], null);
});

test('the bill runs from the start of the container to its end', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const id = await create(ask, { machine_id: addBox(started, { gpu: 'H100' }).id });
  assert.equal(control.bill().dollars, 0, 'waiting for a GPU costs nothing');
  await control.advance(1_600);
  await control.advance(100_000);
  await ask('POST', `/session/${id}/increase-timeout`, { minutes: 5 });
  await ask('DELETE', `/session/${id}`);
  await control.advance(HOUR);

  const { sessions, dollars, ...counts } = control.bill();
  assert.deepEqual(counts, { created: 1, extended: 1, timeoutFieldRaised: 0, cancelled: 1 });
  assert.deepEqual(
    sessions.map(({ machine, gpu, seconds, open }) => ({ machine, gpu, seconds, open })),
    [{ machine: 'sd-box', gpu: 'H100', seconds: 102, open: false }],
  );
  assert.equal(dollars.toFixed(4), (102 * 0.002338).toFixed(4));
});

test('every session has a ComfyUI of its own, as long as it lives', async (t) => {
  const started = await start(t, { comfyUi: true });
  const { ask, control } = started;
  const { id: machine_id } = addBox(started);
  const ids = [await create(ask, { machine_id }), await create(ask, { machine_id, gpu: 'L4' })];
  await control.advance(4_000);
  const urls = ids.map((id) => control.session(id)?.url ?? '');
  assert.equal(new Set(urls).size, 2);
  for (const url of urls) assert.equal((await fetch(`${url}/prompt`)).status, 200);

  await control.endSession(ids[0] ?? '');
  await assert.rejects(fetch(`${urls[0] ?? ''}/prompt`));
  assert.equal((await fetch(`${urls[1] ?? ''}/prompt`)).status, 200);
});

test('the demonstration holds something of everything', async (t) => {
  const { ask, control, orgKey } = await start(t, { world: 'demo' });
  const { body } = await ask('GET', '/sessions');
  const sessions = body as readonly { readonly url: unknown; readonly machine_id: unknown }[];
  assert.deepEqual(
    sessions.map(({ url, machine_id }) => [url !== null, machine_id !== null]),
    [
      [false, true],
      [true, false],
      [true, true],
      [true, true],
    ],
  );
  assert.ok(control.sessions().some((session) => session.endedAt === null && !session.keepsDeadline));
  const { body: studio } = await ask('GET', '/sessions', undefined, orgKey);
  const owners = (studio as readonly { readonly user_id: string }[]).map(({ user_id }) => user_id);
  assert.deepEqual(new Set(owners), new Set(['user_demo', 'user_mira']));
});

/** The first so many messages of a log stream, which is then closed. */
async function lines(response: Response, count: number): Promise<readonly string[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const messages: string[] = [];
  for (let text = ''; reader && messages.length < count;) {
    const { value, done } = await reader.read();
    if (done) break;
    const events = (text + value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      messages.push((JSON.parse(event.replace(/^data: /, '')) as { readonly message: string }).message);
    }
  }
  await reader?.cancel();
  return messages.slice(0, count);
}

/** The container is called for two seconds after the answer to the create. */
async function createLeaking({ ask, control }: Started, machine_id: string): Promise<string> {
  control.set({ callMs: 12_000, startUpMs: 15_000, leaksEarlyCancels: true });
  await control.advance(123); // on a full second, the server would leave out the seconds
  const created = create(ask, { machine_id, timeout: 1 });
  await sessionsReach(1, control);
  await control.advance(10_000);
  return created;
}

test('a session that is ended before it has a container may get one all the same, and be billed unseen', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const { id: machine } = addBox(started);
  const id = await createLeaking(started, machine);
  const cancelled = await ask('DELETE', `/session/${id}`);
  assert.deepEqual([cancelled.status, cancelled.body], [400, { detail: 'Modal function id not found' }]);
  assert.equal((await ask('GET', `/session/${id}`)).status, 404);
  const event = async () => ((await ask('GET', `/machine/${machine}/events`)).body as Record<string, string>[])[0];
  const { start_time: noStart, end_time: noEnd, tunnel_url: noUrl } = (await event()) ?? {};
  assert.deepEqual([noStart, noUrl], [noEnd, null]);

  await control.advance(16_000);
  const { start_time: from, end_time: to, tunnel_url: url } = (await event()) ?? {};
  assert.ok(url && from && to && Date.parse(to) < Date.parse(from), 'its end lies before its start');
  assert.equal((await ask('DELETE', `/session/${id}`)).status, 404);
  assert.deepEqual(await listedIds(ask), []);

  await control.advance(MINUTE);
  const { open, seconds } = control.bill().sessions[0] ?? {};
  assert.deepEqual([open, seconds], [true, 74], 'no deadline ends it');
  await control.endSession(id);
  assert.equal(Date.parse((await event())?.['end_time'] ?? ''), control.now());
  await control.advance(MINUTE);
  assert.equal(control.bill().sessions[0]?.seconds, 74);
});

test('a container that has leaked ends at its own limit of a day', async (t) => {
  const started = await start(t);
  const { ask, control } = started;
  const id = await createLeaking(started, addBox(started).id);
  await ask('DELETE', `/session/${id}`);
  await control.advance(25 * HOUR);
  assert.equal(control.bill().sessions[0]?.seconds, 24 * 3_600);
});
