import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { openSocket } from '../../src/platform/node/socket';
import { until } from '../fakes/until';
import { inProject } from '../vscode/project';

// The bundle that ships: it omits parts of a package that are never called.
const shipped = createRequire(__filename)(inProject('dist/socket.js')) as { readonly openSocket: typeof openSocket };

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
  const close = shipped.openSocket(`${url}/ws?clientId=a`, {
    opened: () => heard.push('opened'),
    said: (text) => heard.push(text),
    closed: () => heard.push('closed'),
  });
  t.after(close);
  return { heard, close, server, url, upgrades: () => upgrades };
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
