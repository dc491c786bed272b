import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { NewestWire, parsePythonJson, VramWire } from '../../src/core/comfyui/wire';
import { pythonJson } from '../simulator/comfyui/json';

test('what Python writes is read, numbers that JSON lacks as null', () => {
  fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(parsePythonJson(text), JSON.parse(text))));
  const text = pythonJson({ score: [NaN, -Infinity, 1], title: 'NaN, "Infinity" \\', NaN: Infinity });
  assert.deepEqual(parsePythonJson(text), {
    score: [null, null, 1],
    title: 'NaN, "Infinity" \\',
    NaN: null,
  });
});

test('text with the names of such numbers is left as it is, whatever stands around it', () => {
  const text = fc
    .array(fc.constantFrom('NaN', 'Infinity', '"', '\\', ',', ': ', ']', 'é'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.deepEqual(parsePythonJson(pythonJson({ [one]: other, nan: NaN })), { [one]: other, nan: null });
    }),
  );
});

test('what is no JSON is told from what is', () => {
  const broken = `{"a": NaN, "b": "${'x\\'.repeat(100_000)}`;
  for (const text of ['', 'NaNa', '<html>Infinity</html>', '{"a": NaN', broken])
    assert.equal(parsePythonJson(text), undefined, text.slice(0, 20));
});

test('a run without times has still finished', () => {
  const histories = [
    { one: {} },
    { one: { status: null } },
    { one: { status: { messages: [['x', {}], 'odd'] } } },
    { one: null },
  ];
  for (const history of histories) assert.deepEqual(NewestWire.parse(history), { id: 'one', at: undefined });
  assert.equal(NewestWire.parse({}), undefined);
});

test('memory is told of the first device, if that is a graphics card', () => {
  const card = { name: 'cuda:0', type: 'cuda', vram_total: 24, vram_free: 6 };
  assert.deepEqual(VramWire.parse({ devices: [card, { ...card, vram_free: 24 }] }), { used: 18, total: 24 });
  for (const device of [{ ...card, type: 'cpu' }, { ...card, vram_total: 0 }, { type: 'cuda' }, undefined])
    assert.equal(VramWire.parse({ devices: [device] }), undefined);
});
