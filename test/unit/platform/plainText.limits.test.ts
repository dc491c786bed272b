import test from 'node:test';
import { plainLines, plainName, plainText } from '../../../src/platform/plainText';
import { assertLinear, repeated } from '../../fakes/doubling';

test('the time it takes does not grow with what is thrown away', async () => {
  for (const piece of ['[', '](', '$(', '\u0301', ' ', '\u200b', 'eyJ', 'https://', 'a.', '\ud800', '/a', '\n']) {
    // A flat string, as it comes from outside, and not V8's tree of pieces.
    const make = (size: number) => Buffer.from(repeated(piece)(size), 'utf16le').toString('utf16le');
    const work = (text: string) => [plainText, plainName, plainLines].map((wayOut) => wayOut(text));
    await assertLinear(JSON.stringify(piece), make, work, 1 << 19);
  }
});
