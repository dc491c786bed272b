import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { exactJson, prettyJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { pythonJson } from '../../simulator/comfyui/json';

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

const digits = fc.stringMatching(/^(?:0|[1-9]\d{0,24})$/);
const spelled = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.constantFrom('', '.0', '.10', '.5', '.000000012', '.1234567890123456789'),
    fc.constantFrom('', 'e5', 'E+400', 'e-400'),
  )
  .map((parts) => parts.join(''));
const key = fc.oneof(fc.string(), fc.nat(20).map(String), fc.constantFrom('__proto__', 'toString', '\0', '-1', '01'));

/** Texts without spaces and duplicate keys, so that each value has a single spelling. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    spelled,
    fc.oneof(fc.string(), fc.constantFrom('\0', '\0' + '12', 'NaN')).map((text) => JSON.stringify(text)),
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('json'), { maxLength: 5 }).map((items) => `[${items.join()}]`),
    fc
      .uniqueArray(fc.tuple(key, tie('json')), { selector: ([name]) => name, maxLength: 5 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
  ),
}));

test('any JSON is read and written with the same values, spellings and order of keys', () => {
  fc.assert(
    fc.property(json, (text) => {
      const whole = `[${text}]`;
      const value = parsePythonJson(whole);
      assert.deepEqual(value, JSON.parse(whole), 'whoever only reads gets what JavaScript reads');
      assert.equal(exactJson(value), whole);
      assert.equal(exactJson(parsePythonJson(prettyJson(value))), whole);
    }),
    { numRuns: 300 },
  );
});

test('both ways to read agree on what is JSON', () => {
  const spoilt = fc.tuple(
    json,
    fc.nat(40),
    fc.constantFrom('', '"', '\\', ',', '}', '[', '0', ' ', '\t', '\u00a0', '.', 'e', '\n'),
  );
  fc.assert(
    fc.property(spoilt, ([text, at, spoiler]) => {
      const odd = `[8.0,${text.slice(0, at)}${spoiler}${text.slice(at)}]`;
      let expected: unknown;
      try {
        expected = JSON.parse(odd);
      } catch {
        expected = undefined;
      }
      assert.deepEqual(parsePythonJson(odd), expected);
    }),
    { numRuns: 500 },
  );
});
