import assert from 'node:assert/strict';
import test from 'node:test';
import { Slices } from '../../../src/platform/slices';
import { nodeHelp } from '../../../src/workflows/conversion';
import { helpTooltip } from '../../../src/workflows/helpText';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { ManualClock } from '../../fakes/manualClock';
import { drawnGraph, drawnNode } from './pairs';

const NODES = `{"Sampler": {"display_name": "A sampler", "output": ["LATENT"], "input": {"required": {
  "seed": ["INT", {"default": 0, "min": 0, "max": 18446744073709551615}],
  "cfg": ["FLOAT", {"default": 8.0, "step": 0.10}],
  "name": [["one", "two \\u202e", "C:/secret/models/x.pt"]],
  "text": ["STRING", {"multiline": true}],
  "keep": ["BOOLEAN", {"default": true}]
}}}}`;
const slices = () => new Slices(new ManualClock());
const helpFor = async (workflow: string, nodes: string | null = NODES) => {
  const read = await readWorkflow(workflow, slices());
  assert.ok(read);
  return (await nodeHelp(nodes ?? undefined, slices())).valuesOf(read);
};
const INPUTS = { seed: 5, cfg: 7, name: 'one', text: 'a cat', keep: false, other: ['2', 0] };
const API = JSON.stringify({ '1': { class_type: 'Sampler', inputs: INPUTS } });

test('numbers are told to their last digit, choices within bounds and as plain words', async () => {
  const values = await helpFor(API);
  const told = new Map(values.map((value) => [value.input, helpTooltip(value)?.lines.map((line) => line.join(': '))]));
  assert.deepEqual(told.get('seed'), ['Type: INT', 'Range: 0 to 18446744073709551615', 'Default: 0']);
  assert.deepEqual(told.get('cfg'), ['Type: FLOAT', 'Step: 0.10', 'Default: 8.0']);
  assert.deepEqual(told.get('name')?.[1], 'Allowed values: one, two, and …/x.pt');
  assert.deepEqual(told.get('keep'), ['Type: BOOLEAN', 'Default: true', 'Allowed values: true and false']);
  assert.deepEqual(told.get(undefined), ['Outputs: LATENT']);
  assert.equal(told.get('other'), undefined);
  assert.deepEqual(
    values.flatMap(({ input, role }) => (role === undefined ? [] : [[input, role]])),
    [
      ['seed', 'seed'],
      ['text', 'text'],
    ],
  );
});

test('values of drawn nodes are known by their keys, and those inside subgraphs where only one node can be meant', async () => {
  const node = (id: number) => drawnNode(id, 'Sampler', { widgets_values: [5, 'randomize', 7, 'one', 'a cat', false] });
  const subgraph = (...ids: readonly number[]) => ({ id: `s${ids.join('')}`, nodes: ids.map(node), links: [] });
  const graph = { ...drawnGraph([node(1)]), definitions: { subgraphs: [subgraph(2, 3), subgraph(3)] } };
  const values = (await nodeHelp(NODES, slices())).valuesOf({ graph, prompt: undefined });
  assert.deepEqual([...new Set(values.map(({ nodeId }) => nodeId))], ['1', ':2']);
  assert.deepEqual(
    values.slice(1, 6).map(({ input, valueKey }) => `${input} ${valueKey}`),
    ['seed 0', 'cfg 2', 'name 3', 'text 4', 'keep 5'],
  );
});

test('without a list of nodes the usual names are known, and no more', async () => {
  const values = await helpFor(API, null);
  assert.deepEqual(
    values.map(({ input, role, help }) => [input, role, help]),
    [
      ['seed', 'seed', undefined],
      ['cfg', undefined, undefined],
      ['name', undefined, undefined],
      ['text', 'text', undefined],
      ['keep', undefined, undefined],
      ['other', undefined, undefined],
    ],
  );
  assert.deepEqual(await helpFor(API, '[1'), values);
});
