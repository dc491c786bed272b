import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { networkCodeOf } from '../../../src/platform/networkCode';

const coded = (code: unknown, cause?: unknown) => Object.assign(new Error('https://secret.test', { cause }), { code });
const failed = (cause: unknown) => new TypeError('fetch failed', { cause });

test('only what looks like a code is one, and causes that go round in circles end', () => {
  for (const code of ['https://secret.test', 'secret.test', 'X', 7, undefined, 'A'.repeat(61), 'EAI AGAIN'])
    assert.equal(networkCodeOf(failed(coded(code))), undefined);
  const circle = new Error('x');
  circle.cause = circle;
  assert.equal(networkCodeOf(circle), undefined);
  fc.assert(
    fc.property(fc.anything(), fc.string(), (cause, code) => {
      assert.match(networkCodeOf(failed(coded(code, cause))) ?? 'NONE', /^[A-Z0-9_]{3,60}$/);
    }),
  );
});
