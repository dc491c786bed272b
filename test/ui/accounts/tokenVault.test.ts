import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import * as z from 'zod';
import { Http } from '../../../src/platform/http';
import { TokenVault } from '../../../src/accounts/ui/tokenVault';
import { LogBook } from '../../fakes/setup';
import { ManualClock } from '../../fakes/manualClock';
import { FakeSecrets } from '../../fakes/vscode/storage';

const SERVERS = ['https://one.test/api', 'https://two.test/api', 'https://three.test/api'] as const;
const keyOf = (server: string) => `key of ${server}`;

/** A key must reach only the server that issued it. */
async function send(changeAfter: number, from: string, to: string): Promise<readonly string[]> {
  const secrets = new FakeSecrets();
  const setting = { apiUrl: from };
  const vault = new TokenVault(secrets, () => setting.apiUrl, undefined, new ManualClock());
  for (const server of SERVERS) await vault.keep(keyOf(server), server);
  let reads = 0;
  const wrong: string[] = [];
  const http = new Http({
    baseUrl: () => {
      const { apiUrl } = setting;
      if (reads++ === changeAfter) setting.apiUrl = to;
      return apiUrl;
    },
    token: async (server) => {
      if (reads++ === changeAfter) setting.apiUrl = to;
      return (await vault.get(server))?.token;
    },
    clock: new ManualClock(),
    serverTime: { learn: () => undefined },
    log: new LogBook(),
    random: () => 0,
    fetch: (input, init) => {
      const address = input instanceof Request ? input.url : input.toString();
      const key = new Headers(init?.headers).get('authorization');
      const server = SERVERS.find((one) => address.startsWith(one)) ?? '';
      if (key !== `Bearer ${keyOf(server)}`) wrong.push(`${key ?? 'nothing'} went to ${server}`);
      return Promise.resolve(Response.json([]));
    },
  });
  await http.request({ method: 'GET', path: '/sessions' }, z.array(z.unknown()));
  return wrong;
}

test('a setting that changes in the middle of a request sends no key to another server', async () => {
  const server = fc.constantFrom(...SERVERS);
  const changes = fc.asyncProperty(fc.integer({ min: 0, max: 3 }), server, server, async (after, from, to) => {
    assert.deepEqual(await send(after, from, to), []);
  });
  await fc.assert(changes, { numRuns: 60 });
});
