import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { exactTextIn } from '../../../src/comfyui/fileText';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { noRests } from '../../fakes/noRests';

test('any text in UTF-8 or UTF-16 is read exactly, and what is neither not at all', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (letters) => {
      const text = `{"a":${JSON.stringify(letters)}}`;
      assert.equal(exactTextIn(Buffer.from(text)), text);
      assert.equal(exactTextIn(Buffer.from(`\ufeff${text}`, 'utf16le')), text);
    }),
  );
  for (const bytes of [
    [0x7b, 0xe9, 0x7d],
    [0x7b, 0xc3],
    [0xff, 0xfe, 0x00, 0xd8, 0x20, 0x00],
  ])
    assert.equal(exactTextIn(Uint8Array.from(bytes)), undefined);
});

test('no other file is taken for a workflow, and none makes it throw', async () => {
  for (const texts of [fc.json(), fc.string()])
    await fc.assert(
      fc.asyncProperty(texts, async (text) => assert.equal(await readWorkflow(text, noRests()), undefined)),
    );
});
