import test from 'node:test';
import { plainLines, plainName, plainText } from '../../../src/platform/plainText';
import { assertLinear, repeated } from '../../fakes/doubling';

test('the time it takes does not grow with what is thrown away', async () => {
  for (const piece of ['[', '](', '$(', '\u0301', ' ', '\u200b', 'eyJ', 'https://', 'a.', '\ud800', '/a', '\n']) {
    // As it comes from elsewhere, and not as the pieces that it was put together of.
    const make = (size: number) => Buffer.from(repeated(piece)(size), 'utf16le').toString('utf16le');
    const work = (text: string) => [plainText, plainName, plainLines].map((wayOut) => wayOut(text));
    await assertLinear(JSON.stringify(piece), make, work, 1 << 19);
  }
});
