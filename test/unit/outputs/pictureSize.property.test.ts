import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { pictureSizeIn } from '../../../src/outputs/pictureSize';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('a file without a size is recognized as such, and nothing breaks the reader', () => {
  for (const text of ['', 'GIF', '\x89PNG']) assert.equal(pictureSizeIn(bytes(text)), undefined);
  for (const text of ['<html>', '\x89PNG\r\n\x1a\n....tEXt', 'RIFF....WEBPVP9 ', '\xff\xd8 no', 'GIF89a\0\0\0\0'])
    assert.equal(pictureSizeIn(bytes(text.padEnd(40, '\0'))), 'unreadable', text);
  const start = fc.constantFrom(
    '',
    'GIF89a',
    '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
    'RIFF....WEBPVP8X',
    '\xff\xd8',
    '\xff\xd8\xff\xe0',
    'BM',
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
      const size = pictureSizeIn(Buffer.concat([bytes(first), rest]));
      if (typeof size === 'object') assert.ok(size.width > 0 && size.height > 0);
    }),
  );
});
