import assert from 'node:assert/strict';
import test from 'node:test';
import { stableWorkflow, stableWorkflowInSlices } from '../../../src/comfyui/stableJson';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { noRests } from '../../fakes/noRests';

type Json = Readonly<Record<string, unknown>>;

const read = (text: string) => parsePythonJson(text) as Json;

test('links follow their ids, in either form, unless one has none', () => {
  const linksOf = (links: unknown) => read(stableWorkflow({ nodes: [], links }))['links'];
  assert.deepEqual(
    linksOf([
      [10, 1, 0],
      [9, 2, 0],
      [2, 3, 0],
    ]),
    [
      [2, 3, 0],
      [9, 2, 0],
      [10, 1, 0],
    ],
  );
  assert.deepEqual(linksOf([{ id: 10 }, { id: 9 }]), [{ id: 9 }, { id: 10 }]);
  assert.deepEqual(linksOf([[10, 1], [9, 1], null]), [[10, 1], [9, 1], null]);
});

test('places and links are one line each, and what is long is not', () => {
  const text = stableWorkflow(defaultWorkflow);
  assert.match(text, /^ {6}"pos": \[30, 150\],$/m);
  assert.match(text, /^ {4}\[1, 4, 0, 3, 0, "MODEL"\],$/m);
  assert.ok(text.endsWith('}\n'));
  const long = stableWorkflow({ nodes: [], links: [], list: ['x'.repeat(60), 'y'.repeat(60)] });
  assert.match(long, /"list": \[\n {4}"x+",\n {4}"y+"\n {2}\]/);
});

test('a node begins with what it is', () => {
  const text = stableWorkflow({
    nodes: [{ widgets_values: [1], zeta: 1, pos: [0, 0], alpha: 2, type: 'A', id: 1 }],
    links: [],
  });
  const keys = [...text.matchAll(/^ {6}"(\w+)"/gm)].map(([, key]) => key);
  assert.deepEqual(keys, ['id', 'type', 'pos', 'widgets_values', 'alpha', 'zeta']);
});

test('numbers are kept to the last digit', () => {
  const text =
    '{"nodes":[{"id":1,"type":"A","widgets_values":[18446744073709551615,1e-7,0.1,9007199254740993]}],"links":[]}';
  const written = stableWorkflow(read(text));
  assert.match(written, /\[18446744073709551615, 1e-7, 0\.1, 9007199254740993\]/);
  assert.equal(stableWorkflow(read(written)), written);
});

test('what the page draws and what the server runs are read back as what they were', async () => {
  const readBack = (one: Parameters<typeof stableWorkflow>[0]) => readWorkflow(stableWorkflow(one), noRests());
  assert.deepEqual((await readBack(defaultWorkflow))?.graph, defaultWorkflow);
  assert.deepEqual((await readBack(defaultPrompt(7)))?.prompt, defaultPrompt(7));
  assert.equal(await stableWorkflowInSlices(defaultWorkflow, noRests()), stableWorkflow(defaultWorkflow));
  const ids = [
    ...stableWorkflow({ ...defaultPrompt(7), 10: { class_type: 'A', inputs: {} } }).matchAll(/^ {2}"(\d+)"/gm),
  ];
  const numbers = ids.map(([, key]) => Number(key));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});
