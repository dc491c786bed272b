import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryTaken } from '../../../src/workflows/memoryTaken';
import { FakeMemento } from '../../fakes/vscode/storage';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';

const drawn = { graph: defaultWorkflow as never, prompt: undefined };
const queued = (seed: number) => ({ graph: undefined, prompt: defaultPrompt(seed) as never });
const both = { ...drawn, prompt: defaultPrompt(5) as never };

test('a workflow is known again as drawn and as queued, whatever its seed, and after a restart', async () => {
  const memory = new FakeMemento();
  await new MemoryTaken(memory).note(both, 'A10G', 9e9);
  const later = new MemoryTaken(memory);
  const seen = async (workflow: Parameters<MemoryTaken['of']>[0]) =>
    (await later.of(workflow)).map(({ gpu, used }) => [gpu, used]);
  assert.deepEqual(await seen(drawn), [['A10G', 9e9]]);
  assert.deepEqual(await seen(queued(77)), [['A10G', 9e9]]);
  const other = JSON.parse(
    JSON.stringify(defaultPrompt(5)).replace(/"[^"]*\.safetensors"/, '"large.safetensors"'),
  ) as never;
  assert.deepEqual(await seen({ graph: undefined, prompt: other }), [], 'another model is another workflow');
});

test('of each GPU the run counts that took least, and of very many workflows the latest', async () => {
  const memory = new FakeMemento();
  const known = new MemoryTaken(memory);
  for (const used of [9e9, 7e9, 8e9]) await known.note(queued(1), 'A10G', used);
  await known.note(queued(1), 'T4', 10e9);
  assert.deepEqual(
    (await known.of(queued(2))).map(({ gpu, used }) => [gpu, used]),
    [
      ['A10G', 7e9],
      ['T4', 10e9],
    ],
  );
  for (let index = 0; index < 250; index++)
    await known.note({ graph: undefined, prompt: { '1': { class_type: `N${index}`, inputs: {} } } }, 'T4', 1);
  assert.deepEqual(await known.of(queued(2)), []);
  assert.equal((memory.get('memoryTaken') as unknown[]).length, 200);
});

test('what was remembered in another form is as good as nothing', async () => {
  const memory = new FakeMemento();
  await memory.update('memoryTaken', [{ work: 3 }]);
  assert.deepEqual(await new MemoryTaken(memory).of(both), []);
});
