import assert from 'node:assert/strict';
import test from 'node:test';
import { HistoryWire } from '../../../src/comfyui/outputs';
import { Prompts } from '../../../src/comfyui/prompts';
import { graphOfPrompt, isMadeUp } from '../../../src/comfyui/promptGraph';
import { readWorkflow, type Prompt } from '../../../src/comfyui/workflow';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook } from '../../fakes/setup';
import { defaultPrompt } from '../../simulator/comfyui/page/defaultGraph';
import { type Drawn, drawn, node } from './promptGraph';
import { noRests } from '../../fakes/noRests';

/** The prompt that is posted for a file. */
async function postedFor(text: string): Promise<string> {
  const bodies: string[] = [];
  const fetch = (_: unknown, init?: RequestInit) => {
    if (typeof init?.body === 'string') bodies.push(init.body);
    return Promise.resolve(new Response('{"prompt_id":"p"}'));
  };
  const prompts = new Prompts('https://comfy.test', {
    clock: new ManualClock(),
    log: new LogBook(),
    random: () => 0,
    fetch,
  });
  const workflow = await readWorkflow(text, noRests());
  assert.ok(workflow?.prompt);
  const { prompt, graph } = workflow;
  await prompts.submit({ prompt, graph, clientId: 'c', promptId: 'p' }, new AbortController().signal);
  return bodies.join();
}

test('a prompt is posted as it stands in its file, to the last digit', async () => {
  const prompt =
    '{"10":{"inputs":{"a":8.0,"seed":18446744073709551615,"b":1e400,"__proto__":-0},"class_type":"A"},"9":{"inputs":{"c":"\\u000012"},"class_type":"\\u0000B"}}';
  const alone = await postedFor(prompt);
  assert.ok(alone.startsWith(`{"prompt":${prompt},`));
  assert.ok(alone.includes('"widgets_values":[8.0,18446744073709551615,"fixed",1e400,-0]'));
  const graph =
    '{"version":1.0,"state":{"lastNodeId":1.0},"nodes":[{"id":1,"type":"A","pos":[8.0,1e400]}],"__proto__":[8.0]}';
  const both = await postedFor(`\ufeff{"workflow":${graph},"workflow_api":${prompt}}`);
  assert.ok(both.startsWith(`{"prompt":${prompt},`));
  assert.ok(both.includes(`"extra_pnginfo":{"workflow":${graph}}`));
});

test('without a graph a prompt is posted with one in which each node finds itself', async () => {
  const body: unknown = JSON.parse(await postedFor(JSON.stringify(defaultPrompt(7))));
  const { extra_data } = body as { extra_data: { extra_pnginfo: { workflow: Drawn } } };
  const { nodes } = extra_data.extra_pnginfo.workflow;
  for (const [id, { class_type }] of Object.entries(defaultPrompt(7) as Prompt))
    assert.equal(nodes.find((one) => String(one.id) === id)?.type, class_type);
});

test('its nodes have their values in their order, with a place for what becomes of a seed', () => {
  const prompt = { '1': node(), '2': node({ model: ['1', 1], seed: 5, cfg: 8 }, 'Mine'), '3:4': node({ x: ['9', 0] }) };
  const { nodes, links, last_node_id } = drawn(prompt);
  assert.equal(last_node_id, 2);
  assert.deepEqual(links, [[1, 1, 1, 2, 0, '*']]);
  assert.deepEqual(nodes[1]?.inputs, [{ name: 'model', type: '*', link: 1 }]);
  assert.deepEqual(nodes[1].widgets_values, [5, 'fixed', 8]);
  assert.deepEqual(
    nodes[0]?.outputs.map(({ links: ids }) => ids),
    [[], [1]],
  );
  assert.deepEqual([nodes[2]?.id, nodes[2]?.widgets_values], ['3:4', [['9', 0]]]);
});

test('what leads to no output that can be counted is a value, and no line', () => {
  for (const slot of [-5e-324, 0.5, -1, 1e9, 256, Number.MAX_VALUE]) {
    const { nodes, links } = drawn({ '0': node({ a: ['0', slot] }) });
    assert.deepEqual([links, nodes[0]?.inputs, nodes[0]?.outputs], [[], [], []], String(slot));
    assert.deepEqual(nodes[0]?.widgets_values, [['0', slot]], String(slot));
  }
  for (const from of ['constructor', '__proto__', 'toString'])
    assert.deepEqual(drawn({ '0': node({ a: [from, 0] }) }).links, [], `${from} is no node`);
});

test('whoever looks for what was drawn takes it for nothing', () => {
  const made = graphOfPrompt(defaultPrompt(7) as Prompt);
  assert.ok(isMadeUp(made));
  const history = { p: { prompt: [0, 'p', defaultPrompt(7), { extra_pnginfo: { workflow: made } }, []] } };
  assert.deepEqual(HistoryWire.parse(history)[0]?.graph, undefined);
});
