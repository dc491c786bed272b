import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { sockets } from '../../src/platform/node/sockets';
import { until } from '../fakes/until';

/** A local server, and what a connection to it has received. */
async function connect(t: TestContext, greet: (server: WebSocketServer) => void, redirectTo?: string) {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true });
  let upgrades = 0;
  http.on('upgrade', (request, stream, head) => {
    upgrades++;
    if (redirectTo !== undefined) return void stream.end(`HTTP/1.1 302 Found\r\nLocation: ${redirectTo}\r\n\r\n`);
    server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request));
  });
  greet(server);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    http.close();
  });
  const heard: string[] = [];
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const socket = sockets.open(`${url}/ws?clientId=a`, {
    opened: () => heard.push('opened'),
    said: (text) => heard.push(text),
    closed: () => heard.push('closed'),
  });
  t.after(() => socket.dispose());
  return { heard, close: () => socket.dispose(), server, url, upgrades: () => upgrades };
}

test('text is heard, pictures are not, and a server that looks whether anybody is there is answered', async (t) => {
  let isAnswered = false;
  const { heard, server } = await connect(t, (one) =>
    one.on('connection', (socket) => {
      socket.on('pong', () => (isAnswered = true));
      socket.send(Buffer.alloc(1_000_000));
      socket.send('é'.repeat(40_000));
      socket.ping();
    }),
  );
  await until('an answer', () => isAnswered && heard.length === 2);
  assert.deepEqual(heard, ['opened', 'é'.repeat(40_000)]);
  for (const client of server.clients) client.close();
  await until('the end', () => heard.at(-1) === 'closed');
  assert.equal(heard.length, 3);
});

test('a message that is too large ends the connection', async (t) => {
  const { heard } = await connect(t, (one) =>
    one.on('connection', (socket) => socket.send(Buffer.alloc(17 * 2 ** 20))),
  );
  await until('the end', () => heard.at(-1) === 'closed');
  assert.deepEqual(heard, ['opened', 'closed']);
});

test('whoever is sent elsewhere does not go there', async (t) => {
  const other = await connect(t, () => undefined);
  const { heard } = await connect(t, () => undefined, other.url);
  await until('the end', () => heard.at(-1) === 'closed');
  assert.deepEqual([heard, other.upgrades()], [['closed'], 1]);
});

test('what is let go is closed without a word', async (t) => {
  const { heard, close, server } = await connect(t, () => undefined);
  await until('a connection', () => heard.length === 1);
  close();
  await until('its end', () => server.clients.size === 0);
  assert.deepEqual(heard, ['opened']);
});

test('whoever hangs up is answered, and hung up on', async (t) => {
  const { heard, server } = await connect(t, (one) => one.on('connection', (socket) => socket.close(1012, 'restart')));
  const codes: number[] = [];
  server.on('connection', (socket) => socket.on('close', (code) => codes.push(code)));
  await until('the end', () => heard.at(-1) === 'closed');
  await until('the answer', () => codes.length > 0);
  assert.deepEqual([heard, codes], [['opened', 'closed'], [1012]]);
});

test('a server that has not understood what it was asked for is not listened to', async (t) => {
  const http = createServer();
  http.on('upgrade', (_request, stream: Duplex) => {
    t.after(() => stream.destroy());
    stream.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
    stream.write(`Sec-WebSocket-Accept: ${Buffer.alloc(20).toString('base64')}\r\n\r\n\x81\x01a`);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const heard: string[] = [];
  sockets.open(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`, {
    opened: () => heard.push('opened'),
    said: (text) => heard.push(text),
    closed: () => heard.push('closed'),
  });
  await until('the end', () => heard.at(-1) === 'closed');
  assert.deepEqual(heard, ['closed']);
});

test('a server that is not there, or speaks gibberish, is one that has closed', async (t) => {
  const { heard } = await connect(t, (one) =>
    one.on('connection', (_socket, { socket }) => socket.write(Buffer.from([0x8f, 0]))),
  );
  await until('the end', () => heard.at(-1) === 'closed');
  assert.deepEqual(heard, ['opened', 'closed']);
  const nobody: string[] = [];
  const listener = { opened: () => nobody.push('opened'), said: () => undefined, closed: () => nobody.push('closed') };
  sockets.open('ws://127.0.0.1:9/ws', listener);
  await until('the end', () => nobody.length > 0);
  assert.deepEqual(nobody, ['closed']);
});
