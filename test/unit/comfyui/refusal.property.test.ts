import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { endingIn } from '../../../src/comfyui/ending';
import { problemsIn, refusalOf as refusalIn } from '../../../src/comfyui/refusal';
import { parsePythonJson } from '../../../src/platform/pythonJson';

const refusalOf = (text: string) => refusalIn(parsePythonJson(text));

test('errors in the shapes of other versions are understood as far as they go', () => {
  const error = {
    type: 'missing_node_type',
    message: 'Node X is missing',
    extra_info: { node_id: '7', class_type: 'X' },
  };
  assert.deepEqual(refusalOf(JSON.stringify({ error, node_errors: [] }))?.problems, [
    { nodeId: '7', classType: 'X', input: undefined, message: 'Node X is missing.' },
  ]);
  assert.equal(refusalOf('{"error":"no"}')?.message, 'no.');
  for (const body of ['', '500 Internal Server Error', '{}', '<html>', '[]']) assert.equal(refusalOf(body), undefined);
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(refusalOf(text)?.problems ?? [], []);
      assert.deepEqual(problemsIn(JSON.parse(text)), []);
    }),
  );
});

const ending = (entry: unknown) => endingIn({ one: entry }, 'one');

test('no history makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (entry) => void ending(entry)));
});
