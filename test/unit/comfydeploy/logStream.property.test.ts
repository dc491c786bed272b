import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { harmless, plain } from '../../../src/platform/escapes';
import { anyText } from '../../fakes/anyText';

test('of whatever comes, nothing but colours is left for a terminal to obey', () => {
  const piece = fc.oneof(
    fc.constantFrom('\x1b', '\x9b', '\x9d', '[', ']', 'P', '31m', ';', '\\', '\x07', '\r', '\n', '\x1b[1m', 'm', 'J'),
    anyText({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const left = harmless(pieces.join(''));
      assert.doesNotMatch(plain(left), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      assert.equal(harmless(left), left, 'nothing new comes into being by what is taken out');
    }),
    { numRuns: 500 },
  );
});
