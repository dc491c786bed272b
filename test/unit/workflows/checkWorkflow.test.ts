import assert from 'node:assert/strict';
import test from 'node:test';
import type { MachineFacts } from '../../../src/workflows/checkWorkflow';
import { checkWorkflow } from '../../fakes/checks';
import { compareVersions } from '../../../src/workflows/packages';
import { placesOf } from '../../../src/workflows/places';
import { drawnGraph, drawnNode, OBJECT_INFO, PAIRS } from './pairs';

const NOWHERE: MachineFacts = { packages: undefined, version: undefined };
const check = (graph: Record<string, unknown>, machine = NOWHERE) => checkWorkflow({ graph }, OBJECT_INFO, machine);

/** One built with a package from git, and one from the registry. */
const IMPACT = 'comfyui-impact-pack';
const MACHINE: MachineFacts = {
  packages: [
    { names: [IMPACT, `ltdrdata/${IMPACT}`], version: '2346f5ae6c8f1e4a3c7d9b8e6f5a4d3c2b1a0987' },
    { names: ['comfyui-kjnodes'], version: '1.2.0' },
  ],
  version: '0.3.64',
};
const COMMIT = '2346f5ae6c8f1e4a3c7d9b8e6f5a4d3c2b1a0987';

const from = (properties: object, type = 'Nobody', id = 5) => drawnNode(id, type, { properties });

test('for an unknown node its package is named, and whether the machine is built with it', () => {
  const wrong = (properties: object, machine = MACHINE) => check(drawnGraph([from(properties)]), machine)[0]?.wrong;
  const unknown = (pack: string | undefined, isOrdered: boolean | undefined) => ({ kind: 'unknown', pack, isOrdered });
  assert.deepEqual(wrong({}), unknown(undefined, undefined));
  assert.deepEqual(wrong({ cnr_id: 'comfyui-impact-pack' }), unknown('comfyui-impact-pack', true));
  assert.deepEqual(wrong({ aux_id: 'ltdrdata/ComfyUI-Impact-Pack' }), unknown('ltdrdata/ComfyUI-Impact-Pack', true));
  assert.deepEqual(wrong({ aux_id: 'somebody/ComfyUI-Impact-Pack' }), unknown('somebody/ComfyUI-Impact-Pack', false));
  assert.deepEqual(wrong({ cnr_id: 'ComfyUI_KJNodes' }), unknown('ComfyUI_KJNodes', true));
  assert.deepEqual(wrong({ cnr_id: 'comfyui-impact-pack' }, NOWHERE), unknown('comfyui-impact-pack', undefined));
});

test('packages of another version are reported once each, older nodes of ComfyUI itself not at all', () => {
  const versions = (...nodes: readonly object[]) =>
    check(drawnGraph(nodes.map((properties, id) => from(properties, 'Note', id + 1))), MACHINE)
      .map(({ wrong }) => wrong)
      .filter(({ kind }) => kind === 'version');
  const kj = { cnr_id: 'comfyui-kjnodes', ver: '1.1.0' };
  assert.deepEqual(versions(kj, kj), [{ kind: 'version', pack: 'comfyui-kjnodes', wanted: '1.1.0', found: '1.2.0' }]);
  assert.deepEqual(versions({ cnr_id: 'comfyui-impact-pack', ver: COMMIT.slice(0, 8) }), []);
  assert.equal(versions({ cnr_id: 'comfyui-impact-pack', ver: `a${COMMIT.slice(1)}` }).length, 1);
  assert.deepEqual(versions({ cnr_id: 'comfyui-impact-pack', ver: '8.0' }), [], 'nobody can tell');
  assert.deepEqual(versions({ cnr_id: 'comfy-core', ver: '0.3.1' }), []);
  assert.equal(versions({ cnr_id: 'comfy-core', ver: '0.4.0' }).length, 1);
});

test('versions are compared by their numbers, commits by their letters', () => {
  assert.ok((compareVersions('1.10.0', '1.9.9') ?? 0) > 0);
  assert.ok((compareVersions('v1.2', '1.2.1') ?? 0) < 0);
  assert.equal(compareVersions('1.2', 'v1.2.0'), 0);
  assert.equal(compareVersions('nightly', '1.0.0'), undefined);
});

test('a wrong value of a drawn node is reported with its place in the file', () => {
  const save = drawnNode(2, 'SaveImage', { inputs: ['images:IMAGE<1'], values: ['x'] });
  const graph = drawnGraph([drawnNode(1, 'EmptyImage', { values: [512, 0, 1, 7] }), save], [[1, 1, 0, 2, 0]]);
  const findings = check(graph);
  assert.deepEqual(findings, [
    {
      nodeId: '1',
      classType: 'EmptyImage',
      input: 'height',
      valueKey: '1',
      wrong: { kind: 'tooSmall', value: '0', limit: '1' },
      fix: { kind: 'value', json: '1' },
    },
  ]);
  const text = JSON.stringify(graph, undefined, 1);
  const [place] = placesOf(text, findings);
  assert.equal(text.split('\n')[place?.start.line ?? 0]?.trim(), '0,');
});

test('a value that a subgraph shows outside has no place inside', () => {
  const { graph } = PAIRS.get('subgraph-instances-with-promoted-values')!;
  const text = JSON.stringify(graph).replaceAll('"seed"', '"seed"');
  const findings = check(JSON.parse(text.replace(/"widgets_values":\[\d+/, '"widgets_values":[-5')) as typeof graph);
  for (const { nodeId, valueKey } of findings) if (nodeId.includes(':')) assert.equal(valueKey, undefined);
});

test('a graph whose links lead nowhere is reported by its node', () => {
  const graph = drawnGraph([drawnNode(7, 'SaveImage', { inputs: ['images:IMAGE<9'] })]);
  const reason = { kind: 'noLink', node: '7', input: 'images' };
  assert.deepEqual(check(graph), [
    { nodeId: '7', classType: undefined, input: undefined, wrong: { kind: 'broken', reason } },
  ]);
});
