import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { ApiError } from '../../src/platform/errors';
import { ComfyUi } from '../../src/comfyui/client';
import { ManualClock, settled } from '../fakes/manualClock';
import { LogBook } from '../fakes/setup';
import { startComfyUi } from '../simulator/comfyui/comfyUi';
import { recordedPairs } from './comfyuiRecording';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A real server of a session whose clock is off by `skew`, and a client connected to it. */
async function connect(t: TestContext, skew = 0) {
  const clock = new ManualClock();
  const server = await startComfyUi({ gpu: 'A10G', now: () => clock.now() + skew });
  t.after(() => server.close());
  const log = new LogBook();
  const sent: Headers[] = [];
  const comfyUi = new ComfyUi(`${server.url}/`, {
    clock,
    log,
    random: () => 0.5,
    fetch: (input, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(input, init);
    },
  });
  return { clock, server, control: server.control, log, sent, comfyUi };
}

test('the queue is counted for 37 bytes, without a key', async (t) => {
  const { comfyUi, control, sent } = await connect(t);
  assert.equal(await comfyUi.queue(), 0);
  control.startJob({ seconds: 60 });
  control.startJob();
  assert.equal(await comfyUi.queue(), 2);
  assert.deepEqual(control.requests, ['GET /prompt', 'GET /prompt']);
  assert.deepEqual(
    sent.map((headers) => headers.has('authorization')),
    [false, false],
  );
});

test("how long ago the last run finished is computed by ComfyUI's clock, however wrong that is", async (t) => {
  for (const skew of [0, HOUR, -HOUR]) {
    const { comfyUi, control, clock } = await connect(t, skew);
    assert.equal(await comfyUi.newest(), undefined);
    control.startJob({ seconds: 60 });
    await control.finishJob();
    await clock.advance(12 * MINUTE);

    const newest = await comfyUi.newest();
    assert.ok(Math.abs((newest?.age ?? 0) - 12 * MINUTE) <= 1_000, `${newest?.age}`);
    assert.equal((await comfyUi.newest())?.key, newest?.key);
    control.startJob({ seconds: 60 });
    await control.finishJob();
    assert.notEqual((await comfyUi.newest())?.key, newest?.key);
    control.clearHistory();
    assert.equal(await comfyUi.newest(), undefined);
  }
});

test('a history with numbers that JSON cannot hold is read all the same', async (t) => {
  const { comfyUi, control } = await connect(t);
  const id = control.nanInHistory();
  assert.ok((await comfyUi.newest())?.key.startsWith(id));
});

test('the memory of the card grows when models are loaded', async (t) => {
  const { comfyUi, control } = await connect(t);
  const before = await comfyUi.vram();
  control.startJob({ seconds: 0 });
  await control.finishJob();
  const after = await comfyUi.vram();
  assert.equal(after?.total, before?.total);
  assert.ok((after?.used ?? 0) > (before?.used ?? 0));
});

test('what a real server answered is understood', async () => {
  const answers = new Map(
    recordedPairs.flatMap(([, { request, answer }]) =>
      request.method === 'GET' ? [[request.path, answer.json] as const] : [],
    ),
  );
  const comfyUi = new ComfyUi('https://box.tunnel.test', {
    clock: new ManualClock(1_795_304_600_000),
    log: new LogBook(),
    random: () => 0.5,
    fetch: (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return Promise.resolve(Response.json(answers.get(pathname === '/history' ? '/history?max_items=2' : pathname)));
    },
  });
  assert.equal(typeof (await comfyUi.queue()), 'number');
  assert.equal(await comfyUi.vram(), undefined, 'recorded without a card');
  assert.ok(((await comfyUi.newest())?.age ?? -1) >= 0);
});

test('an answer that is slow is waited for, one that does not come is given up after ten seconds', async (t) => {
  const { comfyUi, control, clock } = await connect(t);
  control.stall('/prompt', 300);
  const asked = comfyUi.queue();
  await clock.advance(9_999);
  assert.equal(await asked, 0);

  control.stall('/prompt', 60_000);
  const rejected = assert.rejects(comfyUi.queue(), { kind: 'offline', message: /within 10 seconds/ });
  await settled();
  await clock.advance(10_000);
  await rejected;
  assert.equal(clock.pending, 0);
});

test('giving up is no failure', async (t) => {
  const { comfyUi, control } = await connect(t);
  control.stall('/prompt', 60_000);
  const giveUp = new AbortController();
  const rejected = assert.rejects(comfyUi.queue(giveUp.signal), { name: 'AbortError' });
  giveUp.abort();
  await rejected;
});

test('a failed request is not repeated, and reported without the address', async (t) => {
  const { comfyUi, control, server, log } = await connect(t);
  const { host } = new URL(server.url);
  const failures: unknown[] = [];
  const fails = async (kind: ApiError['kind']) => {
    const before = control.requests.length;
    const failure = await comfyUi.queue().then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(failure instanceof ApiError);
    assert.equal(failure.kind, kind);
    assert.match(failure.message, /^The session's ComfyUI/);
    failures.push(failure);
    return control.requests.length - before;
  };

  control.refuse('/prompt', 502);
  assert.equal(await fails('busy'), 1);
  control.mend();
  control.refuse('/prompt', 404);
  assert.equal(await fails('missing'), 1);
  for (const how of ['truncated', 'html', 'empty'] as const) {
    control.mend();
    control.corrupt('/prompt', how);
    assert.equal(await fails('malformed'), 1);
  }
  await server.close();
  await fails('offline');

  const said = [inspect(failures, { depth: 9 }), ...log.lines].join('\n');
  for (const secret of [host, host.split(':')[1] ?? host]) assert.ok(!said.includes(secret), said);
});

test('an address that must not be opened is not asked', () => {
  const web = { clock: new ManualClock(), log: new LogBook(), random: () => 0.5, fetch };
  for (const address of ['http://example.org', 'no address', 'https://a;b.test'])
    assert.throws(
      () => new ComfyUi(address, web),
      (error) => !inspect(error).includes(address),
    );
});
