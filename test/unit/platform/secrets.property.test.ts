import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { accountOf } from '../../../src/accounts/account';
import { redact } from '../../../src/platform/logger';
import { Secrets } from '../../../src/platform/secrets';
import { keyOf } from '../../fakes/keys';

const anything = fc.string({ unit: 'binary-ascii', maxLength: 40 });

test('no key survives, whatever surrounds it', () => {
  fc.assert(
    fc.property(anything, anything, fc.string({ minLength: 1 }), (before, after, userId) => {
      const key = keyOf({ user_id: userId, iat: 1_890_000_000 });
      const [head = '', payload = '', signature = ''] = key.split('.');
      const shown = redact(`${before}${key}${after}`);
      for (const part of [head, payload, signature]) assert.ok(!shown.includes(part), shown);
    }),
    { numRuns: 300 },
  );
});

test('no address survives, whatever surrounds it', () => {
  const hosts = fc.stringMatching(/^[a-z][a-z0-9]{7,15}$/);
  const scheme = fc.constantFrom('http', 'https', 'ws', 'wss', 'HTTPS');
  fc.assert(
    fc.property(anything, anything, scheme, hosts, (before, after, protocol, host) => {
      const shown = redact(`${before}${protocol}://${host}.example.org:8188/view?name=x${after}`);
      assert.ok(!shown.includes(host), shown);
    }),
    { numRuns: 300 },
  );
});

test('whatever stands around them, neither a known key nor a known host is left', () => {
  const host = fc.stringMatching(/^[a-z][a-z0-9]{5,12}\.[a-z]{3,8}\.test$/);
  const token = fc.stringMatching(/^[\w.+/=-]{8,40}$/);
  fc.assert(
    fc.property(anything, anything, host, token, (before, after, name, key) => {
      const secrets = new Secrets();
      secrets.address(`https://${name}/`);
      secrets.key(key);
      const shown = secrets.hide(`${before}${name}${after}${key}${before}`);
      assert.ok(!shown.toLowerCase().includes(name) && !shown.includes(key), shown);
    }),
    { numRuns: 500 },
  );
});

test('whoever a key belongs to is read as it was written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme-composite' }), (userId, orgId) => {
      const account = accountOf(keyOf({ user_id: userId, org_id: orgId }));
      assert.deepEqual([account.userId, account.orgId], [userId, orgId]);
    }),
    { numRuns: 200 },
  );
});

test('whatever else is given for a key stays nameless and breaks nothing', () => {
  const nameless = { userId: undefined, orgId: undefined, expiresAt: undefined };
  fc.assert(fc.property(fc.string(), (text) => assert.deepEqual(accountOf(text), nameless)));
  for (const key of ['a.b.c', 'a.!!!.c', `a.${btoa('"text"')}.c`, `a.${btoa('{"user_id":7}')}.c`])
    assert.deepEqual(accountOf(key), nameless, key);
});
