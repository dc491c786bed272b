import assert from 'node:assert/strict';
import test from 'node:test';
import { Reach } from '../../../src/comfyui/reach';

const FAR = 'https://api.comfydeploy.com/api';
const HERE = 'http://127.0.0.1:8188/';

function setup(server: () => string = () => FAR) {
  const sent: string[] = [];
  const reach = new Reach(server);
  const fetch = reach.guard((input) => {
    sent.push(String(input instanceof Request ? input.url : input));
    return Promise.resolve(new Response());
  });
  const sockets = reach.guardSockets({
    open: (address) => {
      sent.push(address);
      return { dispose: () => undefined };
    },
  });
  const closed: string[] = [];
  const open = (address: string) =>
    sockets.open(address, { opened: () => undefined, said: () => undefined, closed: () => closed.push(address) });
  return { reach, fetch, open, sent, closed };
}

test('nothing is sent to this computer because a server elsewhere says so', async () => {
  const { fetch, open, sent, closed } = setup();
  for (const address of [`${HERE}prompt`, new URL(HERE), new Request(HERE), 'http://localhost:2375/containers/json'])
    await assert.rejects(fetch(address), /names an address on this computer/);
  open('ws://127.0.0.1:8188/ws?clientId=1');
  await Promise.resolve();
  assert.deepEqual([sent, closed], [[], ['ws://127.0.0.1:8188/ws?clientId=1']]);
  await fetch('https://one.tunnel.test/prompt');
  open('wss://one.tunnel.test/ws');
  assert.deepEqual(sent, ['https://one.tunnel.test/prompt', 'wss://one.tunnel.test/ws']);
});

test('once the user has said that they know what is there, it is reached, and nothing else here is', async () => {
  const { reach, fetch, open, sent } = setup();
  reach.trust('http://127.0.0.1:8188/some/path?x=1');
  await fetch(`${HERE}queue`);
  open('ws://127.0.0.1:8188/ws');
  assert.deepEqual(sent, [`${HERE}queue`, 'ws://127.0.0.1:8188/ws']);
  await assert.rejects(fetch('http://127.0.0.1:8189/'));
});

test('a server on this computer may name its own sessions, and a key may go where it was made for', async () => {
  const { fetch, sent } = setup(() => 'http://localhost:3011/api');
  await fetch(HERE);
  const far = setup();
  await far.fetch('http://localhost:3011/api/sessions', { headers: { authorization: 'Bearer x' } });
  assert.deepEqual([sent.length, far.sent.length], [1, 1]);
});

test('while the setting is wrong, this computer is out of reach', async () => {
  const { fetch } = setup(() => {
    throw new Error('misconfigured');
  });
  await assert.rejects(fetch(HERE));
});
