import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { beginningOf, bytesWithin, TooLong } from '../../../src/platform/body';
import { Http } from '../../../src/platform/http';
import { readLog } from '../../../src/comfydeploy/logs';
import { ComfyUi } from '../../../src/comfyui/client';
import { systemClock } from '../../../src/platform/clock';
import { line, written } from '../../fakes/log';
import { ManualClock, settled } from '../../fakes/manualClock';
import { LogBook } from '../../fakes/setup';
import { encode, bodyOf } from './body';

/** Endless for practical purposes: a reader that reads all of it fails with an error. */
function* endless(chunk: Uint8Array): Generator<Uint8Array> {
  for (let count = 0; count < 10_000; count++) yield chunk;
}

test('of a body without an end nothing is kept beyond the bound, and no more is asked for', async () => {
  const { body, state } = bodyOf(endless(new Uint8Array(1_000)));
  let came = 0;
  await assert.rejects(async () => {
    for await (const bytes of bytesWithin(body, 4_500)) came += bytes.length;
  }, TooLong);
  assert.deepEqual([came, state.isCancelled, state.pulled], [4_500, true, 5]);
});

test('the words of a failure are waited for a moment only', async () => {
  const clock = new ManualClock();
  const { body, state } = bodyOf([encode('{"detail":')], false);
  const reading = beginningOf(body, 1_000, clock, 5_000);
  await settled();
  await clock.advance(5_000);
  assert.equal(await reading, '{"detail":');
  assert.ok(state.isCancelled);
  assert.equal(await beginningOf(bodyOf(endless(encode('ab'))).body, 5, clock, 5_000), 'ababa');
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('broken')) });
  assert.equal(await beginningOf(broken, 5, clock, 5_000), '');
});

async function serve(t: TestContext, answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
}

function web(baseUrl: string, fetch = globalThis.fetch) {
  const log = new LogBook();
  const serverTime = { learn: () => undefined };
  const options = { clock: systemClock, log, random: () => 0, fetch, serverTime };
  return { ...options, http: new Http({ ...options, baseUrl: () => baseUrl, token: () => Promise.resolve('key') }) };
}

const ask = { method: 'GET', path: '/', attempts: 1 } as const;

test('a small package that unpacks to a thousand times its size is not unpacked', async (t) => {
  const packed = gzipSync(Buffer.alloc(16_000_000, ' '));
  assert.ok(packed.length < 100_000);
  const base = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
  });
  let unpacked = 0;
  const counting: typeof fetch = async (...asked) => {
    const response = await fetch(...asked);
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        unpacked += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(counter) ?? null, response);
  };
  const { http } = web(base, counting);
  await assert.rejects(http.request(ask, z.unknown()), { kind: 'malformed', message: /too large to read/ });
  assert.ok(unpacked < 2_000_000, String(unpacked));
});

test('an answer without an end is given up, a failure without one still says what it is', async (t) => {
  const base = await serve(t, (request, response) => {
    response.writeHead(request.url === '/' ? 200 : 500).flushHeaders();
    let left = 200; // just enough: a reader that reads all of it gets an error
    const more = setInterval(() => (left-- > 0 ? response.write('x'.repeat(50_000)) : response.end()), 1);
    response.on('close', () => clearInterval(more));
  });
  const { http } = web(base);
  await assert.rejects(http.request(ask, z.unknown()), { kind: 'malformed', message: /too large to read/ });
  await assert.rejects(http.request({ ...ask, path: '/broken' }, z.unknown()), {
    kind: 'busy',
    message: /server error \(500\)/,
  });
});

test('a file that cannot be had is given up soon, also where the server never ends saying so', async (t) => {
  const base = await serve(t, (_, response) => {
    response.writeHead(500).flushHeaders();
  });
  const clock = new ManualClock();
  const comfyUi = new ComfyUi(`${base}/`, { ...web(base), clock });
  const file = { filename: 'a.png', subfolder: '', type: 'output' };
  const state = { isOver: false };
  const opening = comfyUi.open(file, 0, new AbortController().signal).catch((error: unknown) => {
    state.isOver = true;
    return error;
  });
  while (!state.isOver) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(1_000);
  }
  assert.match(String(await opening), /server error \(500\)/);
});

test('a server that never ends saying why is not waited for again and again', async () => {
  const clock = new ManualClock();
  const { log, random } = web('');
  const fetch = async () => new Response(bodyOf([encode('no')], false).body, { status: 500 });
  const comfyUi = new ComfyUi('https://comfy.test/', { log, random, clock, fetch });
  const began = clock.monotonic();
  for (let count = 0; count < 20; count++) {
    const file = { filename: `${count}.png`, subfolder: '', type: 'output' };
    const state = { isOver: false };
    const opening = comfyUi.open(file, 0, new AbortController().signal).catch((error: unknown) => {
      state.isOver = true;
      return error;
    });
    while (!state.isOver) await clock.advance(50);
    assert.match(String(await opening), /server error \(500\)/);
  }
  const took = clock.monotonic() - began;
  assert.ok(took < 5_000 + 20 * 500, `${took} ms for twenty files`);
});

test('a history that never ends is read to an end all the same', async () => {
  let asked = 0;
  const page = (from: number) =>
    Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`run-${from + index}`, { outputs: {} }]));
  const answer: typeof fetch = async () => Response.json(page(50 * asked++));
  const { log, clock, random } = web('');
  const comfyUi = new ComfyUi('https://x.test/', { log, clock, random, fetch: answer });
  let runs = 0;
  for await (const more of comfyUi.history()) runs += more.length;
  assert.deepEqual([asked, runs], [400, 20_000]);
});

test('a line or an event of a log that never ends is left out, and what follows is read', async () => {
  const long = 'x'.repeat(400_000);
  const parts = (text: string) => Array.from({ length: 10 }, () => encode(text));
  for (const attack of [parts(long), parts(`data: ${long}\n`), [encode(`data: ${long.repeat(10)}`)]]) {
    const before = encode(written(line('before')));
    const stream = bodyOf([before, ...attack, encode(`\n\n${written(line('after'))}`)]).body;
    const messages: string[] = [];
    for await (const lines of readLog(stream)) messages.push(...lines.map(({ message }) => message));
    assert.deepEqual(messages, ['before', 'A part of the log is too long to read.', 'after']);
  }
});
