import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogLine } from '../../src/core/api/logs';
import { readLog } from '../../src/core/api/logs';
import { answer, type Fault } from '../fakes/faults';
import { settled } from '../fakes/manualClock';
import { sessionId, setup } from '../fakes/setup';

const line = (message: string, level = 'info') => ({ message, level, timestamp: '2026-11-21T22:18:00.673Z' });
const written = (...events: readonly unknown[]) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

/** A stream in pieces of the given sizes, as networks make them. */
function streamOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  return new ReadableStream({
    start(controller) {
      for (const start of starts) controller.enqueue(bytes.slice(start, start + size));
      controller.close();
    },
  });
}

async function read(text: string, size = 4_096): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const one of readLog(streamOf(text, size))) lines.push(one);
  return lines;
}

test('a log is read line by line, wherever the network cuts it', async () => {
  const text = written(line('Wärming up'), line('stderr 🙂', 'error'), { message: 'plain' });
  for (const size of [1, 7, 4_096]) {
    assert.deepEqual(await read(text, size), [
      { message: 'Wärming up', level: 'info', at: Date.UTC(2026, 10, 21, 22, 18, 0, 673) },
      { message: 'stderr 🙂', level: 'error', at: Date.UTC(2026, 10, 21, 22, 18, 0, 673) },
      { message: 'plain', level: 'info', at: 0 },
    ]);
  }
});

test('sentinels and what cannot be read are left out', async () => {
  const noise = [
    { type: 'keepalive' },
    { type: 'stream_complete', source: 'sentinel' },
    'no json',
    '[1]',
    { message: 7 },
  ];

  assert.deepEqual(
    (await read(`: comment\n\n${written(line('a'), ...noise, line('b'))}`)).map(({ message }) => message),
    ['a', 'b'],
  );
});

test('the address of the session is taken out of its own log', async () => {
  const [only] = await read(written(line('Tunnel: https://ta-01abc.w.modal.host is up')));

  assert.equal(only?.message, 'Tunnel: https://[address] is up');
});

/** Follows a session's log; each text is what one connection brings before it ends. */
function setupLog(...connections: readonly (string | Fault)[]) {
  const world = setup();
  const faults = connections.map((one) => (typeof one === 'string' ? answer(200, one) : one));
  world.api.fail('GET /v2/stream-logs', ...faults);
  const log = world.knowledge.followLog(sessionId('one'));
  const changes: (readonly string[])[] = [];
  const messages = () => log.lines.map(({ message }) => message);
  log.onDidChange(() => changes.push(messages()));
  return { ...world, log, changes, messages };
}

test('a log is asked for by its session', async () => {
  const { api, log } = setupLog(written(line('a')));
  await settled();

  assert.equal(api.calls[0]?.query, '?session_id=one&log_level=info');
  log.dispose();
});

test('a new connection replays the log, and what is known is neither doubled nor shown again', async () => {
  const { clock, changes, log, messages } = setupLog(
    written(line('a'), line('b')),
    { kind: 'unreachable' },
    written(line('a'), line('b'), line('c')),
  );
  await settled();
  assert.deepEqual(messages(), ['a', 'b']);

  await clock.advance(10_000);

  assert.deepEqual(messages(), ['a', 'b', 'c']);
  assert.deepEqual(changes, [['a'], ['a', 'b'], ['a', 'b', 'c']]);
  log.dispose();
});

test('only the end of a long log is kept', async () => {
  const many = Array.from({ length: 450 }, (_, index) => line(`line ${index}`));
  const { log, messages } = setupLog(written(...many));
  await settled();

  assert.equal(messages().length, 200);
  assert.equal(messages()[0], 'line 250');
  assert.equal(log.last, 'line 449');
  log.dispose();
});

test('the reason of a failed start is the last error, or else the last words', async () => {
  const withError = setupLog(written(line('a'), line('CUDA is gone', 'ERROR'), line('bye')));
  const without = setupLog(written(line('a'), line('bye')));
  const empty = setupLog('');
  await settled();

  assert.equal(withError.log.reason, 'CUDA is gone');
  assert.equal(without.log.reason, 'bye');
  assert.equal(empty.log.reason, undefined);
  for (const { log } of [withError, without, empty]) log.dispose();
});

test('connections that fail are tried again ever more slowly, until nobody wants the log any more', async () => {
  const { api, clock, log } = setupLog();
  await clock.advance(120_000);

  const times = api.calls.map(({ at }) => at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 5), [750, 1_500, 3_000, 6_000, 11_250]);
  assert.ok(pauses.every((pause) => pause <= 15_000));

  log.dispose();
  await clock.advance(120_000);
  assert.equal(api.calls.length, times.length);
  assert.equal(clock.pending, 0);
});
