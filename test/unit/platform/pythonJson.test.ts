import assert from 'node:assert/strict';
import test from 'node:test';
import { exactJson, prettyJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { NewestWire, VramWire } from '../../../src/comfyui/wire';

test('text that is not JSON is distinguished from JSON', () => {
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
  for (const history of histories)
    assert.deepEqual(NewestWire.parse(history), { id: 'one', at: undefined, timing: undefined });
  assert.equal(NewestWire.parse({}), undefined);
});

test('memory is that of the first device, if that is a graphics card', () => {
  const card = { name: 'cuda:0', type: 'cuda', vram_total: 24, vram_free: 6 };
  assert.deepEqual(VramWire.parse({ devices: [card, { ...card, vram_free: 24 }] }), { used: 18, total: 24 });
  for (const device of [{ ...card, type: 'cpu' }, { ...card, vram_total: 0 }, { type: 'cuda' }, undefined])
    assert.equal(VramWire.parse({ devices: [device] }), undefined);
});

test('what was read is written as it was: every number, every key, every text', () => {
  const texts = [
    ['8.0', '-0', '-0.0', '1e400', '-1E+2', '1.10', '18446744073709551615', '0.1000000000000000055', '1e-7', '1.0e0'],
    ['"\\u0000"', '"\\u000012"', '"\\u0000-7"', '"8.0"', '"NaN"', '"1e400"'],
    ['{"__proto__":{"a":8.0}}', '{"constructor":1,"__proto__":null}', '{"10":1,"9":2.0,"a":3,"1":4}'],
    ['{"a":{"b":[8.0,[1.0],{"c":2.50}]}}', '[]', '{}', '[[],{}]', '{"":1e400}'],
  ].flat();
  for (const text of texts)
    for (const whole of [text, `[${text}]`, `{"9":${text},"1":[${text}]}`]) {
      if (whole.startsWith('[') || whole.startsWith('{')) assert.equal(exactJson(parsePythonJson(whole)), whole);
      assert.equal(exactJson(parsePythonJson(prettyJson(parsePythonJson(`[${whole}]`)))), `[${whole}]`);
    }
});

test('of two members with one name the later one counts, with its spelling', () => {
  assert.equal(exactJson(parsePythonJson('{"a":8.0,"b":1,"a":9}')), '{"a":9,"b":1}');
  assert.equal(exactJson(parsePythonJson('{"a":9,"b":1,"a":8.0}')), '{"a":8.0,"b":1}');
});

test('a value that was changed after it was read is written as it is now', () => {
  const value = parsePythonJson('{"a":8.0,"b":[1.0]}') as { a: number; b: number[] };
  value.a = 7;
  assert.equal(exactJson({ ...value, c: 1 }), '{"a":7,"b":[1.0],"c":1}');
  value.b.push(2);
  assert.equal(exactJson(value), '{"a":7,"b":[1.0,2]}');
});

test('a text that is all brackets is read and written', () => {
  const deep = `${'['.repeat(20_000)}8.0${']'.repeat(20_000)}`;
  assert.equal(exactJson(parsePythonJson(deep)), deep);
  assert.ok(prettyJson(parsePythonJson(deep)).length < 2 * deep.length);
});

test('what JSON lacks and Python takes goes back to ComfyUI as it was written, and into a file as null', () => {
  const text = '{"a":NaN,"b":[Infinity,-Infinity,null,8.0],"c":"NaN"}';
  const value = parsePythonJson(text);
  assert.equal(exactJson(value), text);
  assert.deepEqual(JSON.parse(prettyJson(value)), { a: null, b: [null, null, null, 8], c: 'NaN' });
});
