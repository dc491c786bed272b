import assert from 'node:assert/strict';
import test from 'node:test';
import { textIn } from '../../../src/comfyui/fileText';
import { exactJson } from '../../../src/platform/jsonText';
import { beginsLikeWorkflow, readWorkflow } from '../../../src/comfyui/workflow';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { noRests } from '../../fakes/noRests';

const read = (value: unknown) => readWorkflow(JSON.stringify(value), noRests());

test('drawn workflows and prompts are distinguished by their content', async () => {
  assert.deepEqual(await read(defaultWorkflow), { graph: defaultWorkflow, prompt: undefined, leftOut: [] });
  assert.deepEqual(await read(defaultPrompt(1)), { graph: undefined, prompt: defaultPrompt(1), leftOut: [] });
});

test('a pair of both, under either name, is both', async () => {
  for (const name of ['prompt', 'output'])
    assert.deepEqual(await read({ [name]: defaultPrompt(1), workflow: defaultWorkflow }), {
      graph: defaultWorkflow,
      prompt: defaultPrompt(1),
      leftOut: [],
    });
});

test('wrappers of other tools are seen through', async () => {
  const [graph, prompt] = [defaultWorkflow, defaultPrompt(1)];
  assert.deepEqual(await read({ input: { workflow: prompt } }), { graph: undefined, prompt, leftOut: [] });
  assert.deepEqual(await read({ input: { workflow: graph } }), { graph, prompt: undefined, leftOut: [] });
  assert.deepEqual(await read({ workflow: graph, workflow_api: prompt }), { graph, prompt, leftOut: [] });
  assert.deepEqual(await read({ workflow: prompt }), { graph: undefined, prompt, leftOut: [] });
  assert.deepEqual(await read({ prompt, client_id: 'x' }), { graph: undefined, prompt, leftOut: [] });
  assert.equal(await read({ input: { input: { workflow: prompt } } }), undefined);
});

test('the newer form of a graph may lack links', async () => {
  const nodes = [{ id: 1, type: 'A' }];
  const graph = { version: 1, state: { lastNodeId: 1 }, nodes };
  assert.deepEqual((await read(graph))?.graph, graph);
});

test('files of other tools that draw nodes and links are no workflows, and empty ones neither', async () => {
  const nodes = [{ id: 1, type: 'basic/const', pos: [0, 0] }];
  const common = { last_node_id: 1, last_link_id: 0, links: [], groups: [], config: {}, extra: {}, version: 0.4 };
  const none = [
    { directed: false, multigraph: false, graph: {}, nodes: [{ id: 1, type: 'a' }], links: [{ source: 1, target: 1 }] },
    { nodes: [{ id: 1, type: 'A' }], links: [] },
    { nodes: [{ id: 1, type: 'A' }], links: [], version: 0.4 },
    { nodes: [{ id: 1, type: 'A' }], links: [], last_node_id: 1 },
    { ...common, nodes },
    { ...common, nodes: [] },
    { version: 1, state: {}, nodes: [], links: [] },
    { workflow: { nodes: [], links: [] } },
  ];
  for (const file of none) assert.equal(await read(file), undefined, JSON.stringify(file));
  for (const type of ['KSampler', 'workflow/mine', 'Load/Save'])
    assert.ok(await read({ ...common, nodes: [...nodes, { id: 2, type }] }), type);
});

test('members of a prompt that are not nodes are listed, and the rest stays as it was', async () => {
  const prompt = defaultPrompt(1);
  const file = { _comment: 'mine', ...prompt, version: 2, '//': null, more: { a: [1] } };
  const read1 = await read(file);
  assert.deepEqual(read1?.prompt, prompt);
  assert.deepEqual([...read1.leftOut].sort(), ['//', '_comment', 'more', 'version']);
  assert.equal(
    exactJson(
      (await readWorkflow('{"9":{"class_type":"A","inputs":{}},"a":1,"1":{"class_type":"B","inputs":{}}}', noRests()))
        ?.prompt,
    ),
    '{"9":{"class_type":"A","inputs":{}},"1":{"class_type":"B","inputs":{}}}',
  );
});

test('the beginning of a file rules out most other files, and no workflow', () => {
  const texts = [
    defaultWorkflow,
    defaultPrompt(1),
    { input: { workflow: defaultPrompt(1) } },
    { workflow: defaultWorkflow },
  ];
  for (const text of texts.flatMap((one) => [
    JSON.stringify(one),
    JSON.stringify(one, undefined, 4),
    `\n ${JSON.stringify(one)}`,
  ]))
    for (const length of [100, 4_096]) assert.ok(beginsLikeWorkflow(text.slice(0, length)), text.slice(0, 100));
  for (const text of ['[{"class_type":1}]', '{"name":"x","version":"1.0.0"}', '{"compilerOptions":{}}', '', 'nodes'])
    assert.equal(beginsLikeWorkflow(text), false, text);
});

test('files are read in the Unicode that they are written in', () => {
  const text = JSON.stringify({ ...defaultPrompt(1), _é: '😀' });
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const marks = {
    little: Buffer.from([0xff, 0xfe]),
    big: Buffer.from([0xfe, 0xff]),
    plain: Buffer.from([0xef, 0xbb, 0xbf]),
  };
  const files = [
    Buffer.from(text),
    little,
    big,
    Buffer.concat([marks.little, little]),
    Buffer.concat([marks.big, big]),
  ];
  for (const bytes of [...files, Buffer.concat([marks.plain, Buffer.from(text)])]) assert.equal(textIn(bytes), text);
  for (const bytes of [[], [0], [0x7b], [0, 0, 0, 0], [0xff, 0xfe]])
    assert.ok(textIn(Uint8Array.from(bytes)).length <= 4);
});

test('one node without a class makes it no prompt, nor does an object without nodes make one', async () => {
  assert.equal(await read({ ...defaultPrompt(1), 10: { inputs: {} } }), undefined);
  assert.equal(await read({}), undefined);
  assert.equal(await read([]), undefined);
  assert.equal(await read({ nodes: [{ id: 1 }], links: [] }), undefined);
});
