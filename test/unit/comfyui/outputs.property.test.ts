import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { HistoryWire } from '../../../src/comfyui/outputs';
import { prettyJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';

test('an entry of any shape is a run, if one without files', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (entry, outputs) => {
      const runs = HistoryWire.parse({ one: entry, two: { outputs, prompt: entry } });
      assert.deepEqual(
        runs.map(({ promptId }) => promptId),
        ['one', 'two'],
      );
    }),
  );
});

test('what is written is what was read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(prettyJson(parsePythonJson(JSON.stringify(value))), `${JSON.stringify(value, undefined, 2)}\n`);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.string(), (seed, title) => {
      const written = prettyJson(parsePythonJson(`{"seed": ${seed}, "title": ${JSON.stringify(title)}}`));
      assert.match(written, new RegExp(`"seed": ${seed},`));
      assert.equal((JSON.parse(written) as { title: string }).title, title);
    }),
  );
});
