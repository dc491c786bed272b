import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { placesOf } from '../../../src/workflows/places';
import { problem, PROMPT, at } from './places';

test('broken text is read as far as it goes, and never throws', () => {
  const text = JSON.stringify(PROMPT, undefined, 2);
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ maxLength: 4 }), (where, typed) => {
      const broken = text.slice(0, where) + typed + text.slice(where);
      for (const place of placesOf(broken, [problem('3'), problem('1', 'width')]))
        if (place) assert.ok(place.text.length > 0);
    }),
    { numRuns: 200 },
  );
  fc.assert(fc.property(fc.string(), (any) => assert.deepEqual(at(any, problem('1')), [undefined])));
  assert.deepEqual(at(text.slice(0, -40), problem('1', 'width')), ['5:16-5:18 64']);
  assert.deepEqual(at(text.replace('64', 'NaN'), problem('1', 'height')), ['6:17-6:19 48']);
});
