import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MemorySink } from '../../../src/outputs/memorySink';
import { shownName } from '../../../src/comfyui/shownName';
import { anyText } from '../../fakes/anyText';
import { rows, known, recentFile } from './outputRows';

test('every row has an id of its own, and a name on one line', () => {
  const names = fc.uniqueArray(anyText({ minLength: 1, maxLength: 300 }), { maxLength: 24 });
  fc.assert(
    fc.property(names, (filenames) => {
      const [top, ...files] = rows(known({ files: filenames.map((name) => recentFile(name)) }));
      const ids = files.map(({ id }) => id);
      assert.equal(new Set(ids).size, files.length);
      for (const { label, parent } of files) {
        assert.equal(parent, top?.id);
        assert.ok(label.length <= 120);
        assert.doesNotMatch(label, /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }
    }),
  );
  assert.equal(shownName('a\r\nb\u202egnp.exe'), 'a bgnp.exe');
});

test('memory holds what was put into it, in whatever pieces, up to its bound', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.option(fc.nat(300), { nil: undefined }), async (parts, expected) => {
      const held = new MemorySink(expected, 1_000);
      const sink = await held.receive('', 0);
      for (const part of parts) await sink.write(part);
      assert.deepEqual(
        [...held.bytes],
        parts.flatMap((part) => [...part]),
      );
      assert.equal(await held.arrived(), held.bytes.length);
    }),
  );
  const held = new MemorySink(undefined, 10);
  held.put(new Uint8Array(8).fill(1));
  await held.receive('', 4);
  assert.equal(held.bytes.length, 4, 'it goes on where it is told to');
  assert.throws(() => held.put(new Uint8Array(7)), { kind: 'refused', message: /larger than .* “Save Outputs…”/ });
  assert.throws(() => new MemorySink(11, 10), { kind: 'refused' });
});
