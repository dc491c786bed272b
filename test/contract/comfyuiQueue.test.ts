import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import test from 'node:test';
import { z } from 'zod';
import { startComfyUi, type ComfyUi } from '../simulator/comfyui/comfyUi';

const START = Date.UTC(2030, 0, 1, 12);

const item = z.tuple([z.number(), z.string(), z.unknown(), z.record(z.string(), z.unknown()), z.array(z.string())]);
const queueShape = z.object({ queue_running: z.array(item), queue_pending: z.array(item) });
const stage = z.tuple([
  z.string(),
  z.object({ timestamp: z.number(), node_id: z.string().optional(), node_type: z.string().optional() }),
]);
const status = z.object({ status_str: z.string(), messages: z.array(stage) });
const historyShape = z.record(z.string(), z.object({ prompt: item, status }));
const statsShape = z.object({ devices: z.array(z.object({ vram_free: z.number() })) });
const jobsShape = z.object({ jobs: z.array(z.object({ id: z.string() })) });
const graphShape = z.object({ workflow: z.object({ nodes: z.array(z.unknown()).nonempty() }) });

test('ComfyUI as the simulator drives it', async (t) => {
  let comfyUi: ComfyUi;
  let now = START;
  t.beforeEach(async () => {
    now = START;
    comfyUi = await startComfyUi({ gpu: 'A10G', now: () => now, jobsApi: true });
  });
  t.afterEach(() => comfyUi.close());

  const get = async (path: string): Promise<unknown> => (await fetch(comfyUi.url + path)).json();
  const queue = async () => queueShape.parse(await get('/queue'));
  const history = async (query = '') => historyShape.parse(await get(`/history${query}`));
  const post = (path: string, body: unknown) =>
    fetch(comfyUi.url + path, { method: 'POST', body: JSON.stringify(body) });
  const picture = (number: number) => ({ prompt: slowPrompt(number), number, prompt_id: `p${number}`, client_id: 'x' });
  const running = async () => (await queue()).queue_running.map(([, id]) => id);

  await t.test('shows the waiting prompts as a heap, and runs the lowest first', async () => {
    await post('/prompt', picture(0));
    for (const number of [14, 15, 16, 17, 2]) await post('/prompt', picture(number));

    const { queue_running, queue_pending } = await queue();
    const numbers = [queue_running, queue_pending].map((items) => items.map(([number]) => number));
    assert.deepEqual(numbers, [[0], [2, 14, 16, 17, 15]]);
    assert.deepEqual(await get('/prompt'), { exec_info: { queue_remaining: 6 } });

    for (const expected of ['p0', 'p2', 'p14', 'p15', 'p16', 'p17']) {
      assert.deepEqual(await running(), [expected]);
      await comfyUi.control.finishJob();
    }
    assert.equal(comfyUi.control.queueRemaining, 0);
  });

  await t.test('takes waiting prompts off the queue, never the running one', async () => {
    for (const number of [0, 1, 2, 3]) await post('/prompt', picture(number));
    await post('/queue', { delete: ['p0', 'p2', 'nobody'] });
    assert.equal(comfyUi.control.queueRemaining, 3);

    await post('/queue', { clear: true });
    assert.deepEqual(await running(), ['p0']);
    assert.equal(comfyUi.control.queueRemaining, 1);
  });

  await t.test('interrupts the running prompt, but not for the sake of another', async () => {
    for (const number of [0, 1]) await post('/prompt', picture(number));
    await post('/interrupt', { prompt_id: 'p1' });
    assert.deepEqual(await running(), ['p0']);

    await post('/interrupt', {});
    while ((await running())[0] !== 'p1') await get('/prompt');
    const { p0 } = await history('/p0');
    assert.equal(p0?.status.status_str, 'error');
    assert.equal(p0.status.messages.at(-1)?.[0], 'execution_interrupted');
  });

  await t.test('keeps the run that failed on command, with the node that failed', async () => {
    const id = comfyUi.control.startJob({ seconds: 60 });
    await comfyUi.control.failJob('3');
    const [type, data] = (await history(`/${id}`))[id]?.status.messages.at(-1) ?? [];
    assert.equal(type, 'execution_error');
    assert.equal(data?.node_id, '3');
    assert.equal(data.node_type, 'KSampler');
  });

  await t.test('keeps the newest runs, oldest first, dated by its own clock', async () => {
    const ids: string[] = [];
    for (const minute of [1, 2, 3]) {
      now = START + minute * 60_000;
      ids.push(comfyUi.control.startJob({ seconds: 60 }));
      await comfyUi.control.finishJob();
    }
    assert.deepEqual(Object.keys(await history('?max_items=2')), ids.slice(1));
    assert.deepEqual(Object.keys(await history('?max_items=1&offset=1')), ids.slice(1, 2));
    assert.deepEqual(await get('/history?max_items=0'), {});

    const [newest] = Object.values(await history('?max_items=1'));
    assert.equal(newest?.status.messages.at(-1)?.[1].timestamp, START + 180_000);
    assert.ok(graphShape.safeParse(newest.prompt[3]['extra_pnginfo']).success);
    const { headers } = await fetch(`${comfyUi.url}/prompt`);
    assert.equal(headers.get('date'), new Date(START + 180_000).toUTCString());

    comfyUi.control.clearHistory();
    assert.deepEqual(await get('/history'), {});
  });

  await t.test('writes numbers that JSON cannot hold as Python does', async () => {
    comfyUi.control.nanInHistory();
    const text = await (await fetch(`${comfyUi.url}/history`)).text();
    assert.match(text, /"score": \[NaN, Infinity, -Infinity\]/);
    assert.throws(() => JSON.parse(text) as unknown);
  });

  await t.test('hands out a picture in parts that make up the whole', async () => {
    comfyUi.control.startJob({ seconds: 0 });
    await comfyUi.control.finishJob();
    const address = `${comfyUi.url}/view?filename=ComfyUI_00001_.png`;
    const part = async (range: string) => {
      const answer = await fetch(address, { headers: { Range: `bytes=${range}` } });
      assert.equal(answer.status, 206);
      return Buffer.from(await answer.arrayBuffer());
    };
    const whole = Buffer.from(await (await fetch(address)).arrayBuffer());
    assert.deepEqual(Buffer.concat([await part('0-999'), await part('1000-')]), whole);
    assert.deepEqual(await part('-10'), whole.subarray(-10));
    assert.ok(whole.includes('tEXtworkflow'));

    const preview = await fetch(`${address}&preview=webp;75`);
    assert.ok(Buffer.from(await preview.arrayBuffer()).length < whole.length);
  });

  await t.test('has less free memory once models are loaded, until they are unloaded', async () => {
    const free = async () => statsShape.parse(await get('/system_stats')).devices[0]?.vram_free ?? 0;
    const before = await free();
    comfyUi.control.startJob({ seconds: 0 });
    await comfyUi.control.finishJob();
    assert.ok((await free()) < before);
    await post('/free', { unload_models: true });
    assert.equal(await free(), before);
  });

  await t.test('lists jobs by status where the server is new enough', async () => {
    const done = comfyUi.control.startJob({ seconds: 0 });
    await comfyUi.control.finishJob();
    const current = comfyUi.control.startJob({ seconds: 60 });
    await until(async () => (await running()).length > 0);
    const waiting = comfyUi.control.startJob({ seconds: 60 });

    const ids = async (query: string) => jobsShape.parse(await get(`/api/jobs?${query}`)).jobs.map(({ id }) => id);
    assert.deepEqual(await ids('status=in_progress,pending'), [current, waiting]);
    assert.deepEqual(await ids('status=completed'), [done]);
    assert.deepEqual(await (await post(`/api/jobs/${waiting}/cancel`, {})).json(), { cancelled: true });
    assert.deepEqual(await ids('status=pending'), []);
  });

  await t.test('breaks what it is set to break, until it is reset', async () => {
    const { control, url } = comfyUi;
    control.refuse('/history', 502);
    control.corrupt(/^\/queue$/, 'truncated');
    assert.equal((await fetch(`${url}/api/history/x`)).status, 502);
    await assert.rejects(get('/queue'), SyntaxError);

    control.stall('/prompt', 60_000);
    await assert.rejects(fetch(`${url}/prompt`, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });

    control.mend();
    assert.deepEqual(await get('/history'), {});
    assert.deepEqual(await get('/prompt'), { exec_info: { queue_remaining: 0 } });
  });

  await t.test('forbids frames when set to', async () => {
    comfyUi.control.frameRefused(true);
    assert.equal((await fetch(comfyUi.url)).headers.get('x-frame-options'), 'DENY');
    comfyUi.control.frameRefused(false);
    assert.equal((await fetch(comfyUi.url)).headers.get('x-frame-options'), null);
  });

  await t.test('refuses a body above its limit', async () => {
    const asked = httpRequest(`${comfyUi.url}/upload/image`, {
      method: 'POST',
      headers: { 'Content-Length': 104_857_601 },
    });
    asked.flushHeaders();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number }];
    assert.equal(answer.statusCode, 413);
    asked.destroy();
  });
});

/** Takes longer than any test. */
const slowPrompt = (color: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color } },
  '2': {
    class_type: 'ProbeSlow',
    inputs: { image: ['1', 0], steps: 100, delay: 10, fail_at: -1, preview: false },
  },
  '3': { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
