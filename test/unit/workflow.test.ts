import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readWorkflow } from '../../src/core/comfyui/workflow';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';

const read = (value: unknown) => readWorkflow(JSON.stringify(value));

test('what the page draws and what the server runs are told apart by their content', () => {
  assert.deepEqual(read(defaultWorkflow), { graph: defaultWorkflow, prompt: undefined });
  assert.deepEqual(read(defaultPrompt(1)), { graph: undefined, prompt: defaultPrompt(1) });
});

test('a pair of both, under either name, is both', () => {
  for (const name of ['prompt', 'output'])
    assert.deepEqual(read({ [name]: defaultPrompt(1), workflow: defaultWorkflow }), {
      graph: defaultWorkflow,
      prompt: defaultPrompt(1),
    });
});

test('one node without a class makes it no prompt, nor does an object without nodes make one', () => {
  assert.equal(read({ ...defaultPrompt(1), 10: { inputs: {} } }), undefined);
  assert.equal(read({}), undefined);
  assert.equal(read([]), undefined);
  assert.equal(read({ nodes: [{ id: 1 }], links: [] }), undefined);
});

test('no other file is taken for a workflow, and none makes it throw', () => {
  fc.assert(fc.property(fc.json(), (text) => assert.equal(readWorkflow(text), undefined)));
  fc.assert(fc.property(fc.string(), (text) => assert.equal(readWorkflow(text), undefined)));
});
