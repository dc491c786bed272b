import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { carriedIn } from '../../../src/workflows/carried';
import { flacOf, jpegOf, mp3Of, mp4Of, pngOf, webmOf, webpOf } from './media';

const TEXTS = { prompt: '{"1":{}}', workflow: '{"nodes":[]}' };
const FILES = [
  pngOf(TEXTS),
  pngOf(TEXTS, 'iTXt'),
  pngOf(TEXTS, 'comf'),
  webpOf(TEXTS),
  jpegOf(TEXTS, '{}'),
  mp4Of(TEXTS),
  webmOf(TEXTS),
  flacOf(TEXTS),
  mp3Of(TEXTS),
];

test('a file whose bytes are anything is read to an end, and within its size', async () => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(FILES.length - 1),
      fc.array(change, { maxLength: 8 }),
      fc.nat(),
      async (which, changes, cut) => {
        const bytes = Buffer.from(FILES[which]!);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const size = cut % 3 === 0 ? cut % bytes.length : bytes.length;
        let reads = 0;
        const carried = await carriedIn({
          size,
          read: (from, length) => {
            assert.ok(from >= 0 && from + length <= size);
            assert.ok(++reads <= 20_000);
            return Promise.resolve(new Uint8Array(bytes.subarray(from, from + length)));
          },
        });
        for (const text of Object.values<string>({ ...carried })) assert.match(text, /^\s*\{/);
      },
    ),
    { numRuns: 2_000 },
  );
});
