import assert from 'node:assert/strict';
import test from 'node:test';
import samples from '../../fixtures/wire-samples-2.json';
import { missingIn } from '../../../src/workflows/checkText';
import type { Finding } from '../../../src/workflows/findings';
import { mayHaveMore, orderedPackages } from '../../../src/workflows/packages';
import { modelNames, roughFindings, withoutThere } from '../../../src/workflows/roughCheck';
import { drawnGraph, drawnNode } from './pairs';

const bodies: readonly unknown[] = samples.samples.map((sample) => sample.body);
const recorded = (find: (text: string) => boolean) => bodies.find((body) => find(JSON.stringify(body)));

const { docker_command_steps: steps } = recorded((text) => /^\{.*"docker_command_steps":\{/.test(text)) as {
  docker_command_steps: unknown;
};
const packages = orderedPackages(steps);
const models = modelNames(recorded((text) => /^\[\{"path":"checkpoints"/.test(text)) as readonly unknown[]);

test('packages and models are read as they were recorded', () => {
  assert.deepEqual(
    packages?.map(({ names }) => names.includes('ltdrdata/comfyui-impact-pack')),
    [true],
  );
  assert.deepEqual([...models], ['flux1-dev-fp8.safetensors', 'my style.safetensors']);
  assert.deepEqual(
    [steps, null, { steps: [] }].map(mayHaveMore),
    [true, true, false],
    'by commands of its own, or an image',
  );
  assert.equal(orderedPackages(null), undefined);
  assert.deepEqual(orderedPackages({ steps: [{ type: 'commands', data: 'RUN a' }, 3, { type: 'custom-node' }] }), [
    { names: [], version: undefined },
  ]);
  assert.deepEqual([...modelNames([3, null, { path: 7 }, { path: 'a/b/c.pt' }])], ['b/c.pt']);
});

const node = (id: number, properties: object, values: unknown, mode = 0) =>
  drawnNode(id, 'Some', { properties, widgets_values: values, mode });
const kindsOf = (findings: readonly Finding[]) =>
  findings.map(({ nodeId, wrong }) => [
    nodeId,
    wrong.kind === 'unknown' ? wrong.pack : 'value' in wrong && wrong.value,
  ]);

test('nodes of packages that a machine is not built with are reported, and models that do not exist', () => {
  const graph = drawnGraph([
    node(1, { cnr_id: 'comfyui-impact-pack' }, ['flux1-dev-fp8.safetensors', 3]),
    node(2, { cnr_id: 'comfy-core' }, { model: 'gone.gguf', other: 'my style.safetensors' }),
    node(3, { cnr_id: 'elsewhere' }, undefined),
    node(4, { cnr_id: 'elsewhere' }, ['gone.pt'], 4),
    node(5, {}, 'odd'),
  ]);
  const workflow = { graph, prompt: undefined, leftOut: [] };
  assert.deepEqual(kindsOf(roughFindings(workflow, { packages, models, hasMore: false })), [
    ['2', 'gone.gguf'],
    ['3', 'elsewhere'],
  ]);
  assert.deepEqual(
    roughFindings(workflow, { packages: undefined, models: undefined, hasMore: false }),
    [],
    'what nobody knows',
  );
  const unsure = roughFindings(workflow, { packages, models, hasMore: true });
  assert.deepEqual(kindsOf(unsure), [['3', 'elsewhere']], 'its own commands may have brought the model');
  const prompt = { 7: { class_type: 'A', inputs: { lora: 'sub\\gone.safetensors', ok: 'flux1-dev-fp8.safetensors' } } };
  assert.deepEqual(
    kindsOf(roughFindings({ graph: undefined, prompt, leftOut: [] }, { packages, models, hasMore: false })),
    [['7', 'sub\\gone.safetensors']],
  );
});

test('what a machine lacks is counted, each model once', () => {
  const at = { nodeId: '1', classType: 'A', input: undefined };
  const unknown = { ...at, wrong: { kind: 'unknown', pack: undefined, isOrdered: undefined } } as const;
  const model = (value: string) => ({ ...at, wrong: { kind: 'notInList', value } }) as const;
  assert.deepEqual(missingIn([model('euler'), { ...at, wrong: { kind: 'paid' } }]), { count: 0, text: '' });
  assert.deepEqual(missingIn([unknown, unknown, model('a.pt'), model('a.pt')]), {
    count: 3,
    text: '2 nodes and 1 model missing',
  });
  assert.equal(missingIn([model('a.pt'), model('b.pt')]).text, '2 models missing');
  const there = { packages: undefined, models: new Set(['b.pt']), hasMore: true };
  assert.deepEqual(withoutThere([model('a.pt'), model('b.pt'), unknown], there), [model('a.pt'), unknown]);
});
