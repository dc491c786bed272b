import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { gridFor, moved, touched } from '../../../src/gallery/arranging';
import { wordsBeside } from '../../../src/gallery/differing';

const words = fc.array(fc.constantFrom<string>('a', 'red', 'fox', 'in', 'snow'), { maxLength: 12 });

test('a compared text keeps all its words, and those that are not marked are in the other text, in this order', () => {
  fc.assert(
    fc.property(words, words, (own, others) => {
      const parts = wordsBeside(own.join(' '), others.join(' '));
      assert.equal(parts.map(({ text }) => text).join(' '), own.join(' '));
      const common = parts.flatMap(({ text, isNew }) => (isNew ? [] : text.split(' ')));
      let at = 0;
      for (const word of common) {
        at = others.indexOf(word, at) + 1;
        assert.ok(at > 0);
      }
    }),
  );
});

test('equal texts have no mark', () => {
  fc.assert(
    fc.property(words, (own) => assert.ok(wordsBeside(own.join(' '), own.join(' ')).every(({ isNew }) => !isNew))),
  );
});

test('whatever the size, keys and areas lead only to places that exist', () => {
  const size = fc.integer({ min: 0, max: 5_000 });
  const key = fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End');
  fc.assert(
    fc.property(size, size, size, key, fc.integer({ min: -99, max: 9_999 }), (width, count, at, pressed, edge) => {
      const grid = gridFor(width, count);
      const to = moved(pressed, Math.min(at, Math.max(count - 1, 0)), grid, 3) ?? 0;
      assert.ok(to >= 0 && to <= Math.max(count - 1, 0));
      const places = touched(grid, { left: edge, right: edge + 300, top: edge, bottom: edge + 300 });
      assert.ok(places.every((place) => place >= 0 && place < count) && new Set(places).size === places.length);
    }),
  );
});
