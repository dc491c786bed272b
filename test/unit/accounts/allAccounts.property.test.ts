import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { scopeOfKey } from '../../../src/accounts/keyRing';
import { TokenVault } from '../../../src/accounts/ui/tokenVault';
import { ManualClock } from '../../fakes/manualClock';
import { memoryFiles } from '../../fakes/memoryFiles';
import { FakeSecrets } from '../../fakes/vscode/storage';

const SERVERS = ['https://one.test/api', 'https://two.test/api'];
const step = fc.record({
  window: fc.nat(1),
  deed: fc.constantFrom('in', 'in', 'switch', 'server', 'out'),
  server: fc.nat(1),
  who: fc.nat(2),
  /** Whether the next deed of the other window begins before this one is done. */
  isAtOnce: fc.boolean(),
});

test('no account is lost, in any order of signing in, switching and signing out over two windows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const secrets = new FakeSecrets();
      const journal = memoryFiles()('keys');
      const setting = { apiUrl: SERVERS[0] ?? '' };
      const open = () =>
        new TokenVault(
          secrets,
          () => setting.apiUrl,
          undefined,
          new ManualClock(),
          (work) => journal.exclusively(work),
        );
      const windows = [open(), open()];
      const signedIn = new Set<string>();
      let running: Promise<unknown>[] = [];
      for (const { window, deed, server: at, who, isAtOnce } of steps) {
        const vault = windows[window]!;
        const server = SERVERS[at] ?? '';
        const key = { server, token: `key-${who}`, source: 'stored' } as const;
        if (deed === 'in') {
          signedIn.add(scopeOfKey(key));
          running.push(vault.keep(key.token, server));
        } else {
          await Promise.all(running);
          running = [];
        }
        const isIn = signedIn.has(scopeOfKey(key));
        if (deed === 'switch' && isIn) running.push(vault.use(key));
        if (deed === 'server') setting.apiUrl = server; // perhaps while no window is open
        if (deed === 'out' && isIn) {
          signedIn.delete(scopeOfKey(key));
          running.push(vault.forget(key));
        }
        if (!isAtOnce) await Promise.all(running.splice(0));
      }
      await Promise.all(running);
      const found = await Promise.all(
        SERVERS.map(async (apiUrl) => {
          setting.apiUrl = apiUrl;
          return (await open().all()).map(scopeOfKey);
        }),
      );
      assert.deepEqual(new Set(found.flat()), signedIn);
    }),
    { numRuns: 300 },
  );
});
