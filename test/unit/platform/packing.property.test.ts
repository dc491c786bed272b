import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { Unpacking } from '../../../src/platform/unpacking';
import { packed } from '../../run/packing';

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 5_000, maxLength: 10_000 }),
  fc.array(fc.constantFrom(0, 97, 98, 255), { maxLength: 3_000 }).map((list) => Uint8Array.from(list)),
  fc.string({ unit: 'grapheme', maxLength: 100 }).map((text) => Buffer.from(text.repeat(40))),
);

function unpacked(content: Uint8Array, known: Uint8Array, length: number, step: number): Uint8Array {
  const unpacking = new Unpacking(content, known, length);
  while (!unpacking.isDone) unpacking.step(step);
  return unpacking.text;
}

test('whatever is packed is unpacked as it was, at once or in steps, after something known or nothing', () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, fc.integer({ min: 1, max: 5_000 }), (bytes, known, step) => {
      const content = packed(bytes, known);
      assert.deepEqual(Buffer.from(unpacked(content, known, bytes.length, step)), Buffer.from(bytes));
    }),
    { numRuns: 60 },
  );
});

test('what is altered, cut off or never was packed gives as many bytes as requested', () => {
  const damaged = anyBytes.map(packed).chain((whole) =>
    fc.oneof(
      fc.nat(whole.length).map((end) => whole.subarray(0, end)),
      fc.tuple(fc.nat(whole.length), fc.nat(255)).map(([at, byte]) => Uint8Array.from(whole).fill(byte, at, at + 1)),
    ),
  );
  fc.assert(
    fc.property(fc.oneof(damaged, anyBytes), anyBytes, fc.nat(20_000), (content, known, length) => {
      assert.equal(unpacked(content, known, length, 1_000).length, length);
    }),
    { numRuns: 100 },
  );
});

test('the same text is packed into the same bytes on every computer', () => {
  const text = Array.from(
    { length: 3_000 },
    (_, n) => `f${(n * 7) % 31}(a[${n % 97}], "größer 開く ${n * n}");\n`,
  ).join('');
  const bytes = packed(Buffer.from(text));
  assert.equal(createHash('sha256').update(bytes).digest('hex').slice(0, 16), '80dd06567d0a4a42');
});
