import assert from 'node:assert/strict';
import test from 'node:test';
import { harmless } from '../../../src/platform/escapes';
import { readLog, type LogLine } from '../../../src/comfydeploy/logs';
import { line, written } from '../../fakes/log';

/** A stream that arrives in pieces of the given size, as from a network. */
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
  const all: LogLine[] = [];
  for await (const lines of readLog(streamOf(text, size))) all.push(...lines);
  return all;
}

const shown = async (message: string) => (await read(written(line(message))))[0]?.message;

test('a log is read line by line, wherever the network cuts it', async () => {
  const text = written(line('Wärming up'), line('stderr 🙂', 'ERROR'), { message: 'plain' });
  for (const size of [1, 7, 4_096]) {
    assert.deepEqual(await read(text, size), [
      { message: 'Wärming up', level: 'info', at: Date.UTC(2026, 10, 21, 22, 18, 0, 673) },
      { message: 'stderr 🙂', level: 'error', at: Date.UTC(2026, 10, 21, 22, 18, 0, 673) },
      { message: 'plain', level: 'info', at: 0 },
    ]);
  }
});

test('levels of any spelling are one of four', async () => {
  const spellings = ['error', 'CRITICAL', 'fatal', 'Warning', 'warn', 'DEBUG', 'trace', 'info', 'stdout'];
  const levels = (await read(written(...spellings.map((level) => line('x', level))))).map(({ level }) => level);
  assert.deepEqual(levels, [
    ...['error', 'error', 'error', 'warning', 'warning', 'debug', 'debug'],
    ...['info', 'info'],
  ]);
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

test('a server without logs says so', async () => {
  await assert.rejects(read(written({ type: 'stream_unavailable' })), { kind: 'refused' });
});

test('the address of the session is taken out of its own log, however it is coloured', async () => {
  assert.equal(await shown('Tunnel: https://ta-01abc.w.modal.host is up'), 'Tunnel: https://[address] is up');
  assert.equal(
    await shown('\x1b[32mTunnel: https://ta-\x1b[1m01abc.w.modal\x1b[0m.host'),
    'Tunnel: https://[address]',
    'its colours would leave parts of it',
  );
  assert.equal(await shown('ta-01\x1b]0;\x07abc.w.modal.host'), '[address]');
});

test('a very long message is cut between words', async () => {
  const message = `${'word '.repeat(799)} https://ta-01abc.w.modal.host/${'x'.repeat(200)}`;
  const [only] = await read(written(line(message)));
  assert.ok(only && only.message.length < 4_100);
  assert.match(only.message, /word +… \(\d+ characters\)$/);
});

test('what hides in a log cannot move the cursor, set the title, write the clipboard or make links', () => {
  for (const [hostile, left] of [
    ['a\x1b[2J\x1b[1;1Hb', 'ab'],
    ['a\x1b]0;title\x07b', 'ab'],
    ['a\x1b]52;c;cm0gLXJm\x1b\\b', 'ab'],
    ['a\x1b]8;;https://evil.test\x1b\\link\x1b]8;;\x1b\\b', 'alinkb'],
    ['a\x1bP1$q\x1b\\b', 'ab'],
    ['a\x1bcb\x1b(0c\x07\b\x0b', 'abc'],
    ['a\x9b2Jb\x9d0;x\x9cc\x84', 'abc'],
    ['a\x1b]0;never ended', 'a'],
    ['a\x1b\x1b[2J[2Jb', 'a[2Jb'],
    ['a\x1b[31mred\x1b[0;38:5:1m\tb\nc', 'a\x1b[31mred\x1b[0;38:5:1m\tb\nc'],
    ['10%\r20%\r\nnext\r', '20%\nnext'],
  ] as const)
    assert.equal(harmless(hostile), left, JSON.stringify(hostile));
});
