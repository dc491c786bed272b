import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Basket } from '../../../src/outputs/basket';
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

test('a basket holds what was put into it, in whatever pieces, up to its bound', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.option(fc.nat(300), { nil: undefined }), async (parts, expected) => {
      const basket = new Basket(expected, 1_000);
      const sink = await basket.receive('', 0);
      for (const part of parts) await sink.write(part);
      assert.deepEqual(
        [...basket.bytes],
        parts.flatMap((part) => [...part]),
      );
      assert.equal(await basket.arrived(), basket.bytes.length);
    }),
  );
  const basket = new Basket(undefined, 10);
  basket.put(new Uint8Array(8).fill(1));
  await basket.receive('', 4);
  assert.equal(basket.bytes.length, 4, 'it goes on where it is told to');
  assert.throws(() => basket.put(new Uint8Array(7)), { kind: 'refused', message: /larger than .* “Save Outputs…”/ });
  assert.throws(() => new Basket(11, 10), { kind: 'refused' });
});
