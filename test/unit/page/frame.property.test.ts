import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { frameVerdict } from '../../../src/page/frameVerdict';

test('whatever the headers hold, there is a verdict', () => {
  const value = fc.string({ unit: fc.constantFrom(' ', ',', ';', '*', "'", ':', '/', 'a', 'frame-ancestors', 'deny') });
  fc.assert(
    fc.property(value, value, fc.integer({ min: 100, max: 599 }), (csp, option, status) => {
      const values = new Map([
        ['content-security-policy', csp],
        ['x-frame-options', option],
      ]);
      const { kind } = frameVerdict({ get: (name) => values.get(name) ?? null }, status, 'web');
      assert.ok(['shows', 'refuses', 'fails'].includes(kind));
    }),
  );
});
