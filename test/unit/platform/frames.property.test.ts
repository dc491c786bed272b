import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrameReader } from '../../../src/platform/frames';
import { frame, textOfFrames } from './frames';

test('in whatever pieces they arrive, the same texts are read', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant('é'.repeat(40_000))), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 500 })), fc.nat(9), (said, cuts, parts) => {
      const bytes = Buffer.concat(said.flatMap((text) => inParts(text, parts)));
      const reader = new FrameReader();
      const heard: string[] = [];
      let at = 0;
      for (const length of [...cuts, bytes.length]) {
        heard.push(...textOfFrames(reader.read(bytes.subarray(at, at + length))));
        at += length;
      }
      assert.deepEqual(heard, said);
    }),
  );
});

/** A text in several frames, cut anywhere, with a ping after each. */
function inParts(text: string, parts: number): readonly Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const length = Math.ceil(bytes.length / (parts + 1));
  return Array.from({ length: parts + 1 }, (_, at) => [
    frame(at === 0 ? 1 : 0, bytes.subarray(at * length, (at + 1) * length), at === parts),
    frame(9, 'a'),
  ]).flat();
}
