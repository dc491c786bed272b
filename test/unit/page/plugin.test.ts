import assert from 'node:assert/strict';
import test from 'node:test';
import { ASKING, loadingOf, readPluginMessage } from '../../../src/page/plugin';
import { LONGEST_MESSAGE } from '../../../src/page/pluginLimits';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { noRests } from '../../fakes/noRests';

const read = (type: unknown, data?: unknown) => readPluginMessage(JSON.stringify({ type, data }), noRests());
const PROMPT = 'cd_plugin_onGetPrompt';

test('three words of the plugin are understood', async () => {
  assert.deepEqual(await read('cd_plugin_setup', {}), { type: 'cd_plugin_setup' });
  assert.deepEqual(await read('graph_loaded', {}), { type: 'graph_loaded' });
  const both = { workflow: defaultWorkflow, output: defaultPrompt(1) };
  assert.deepEqual(await read(PROMPT, both), { type: PROMPT, graph: defaultWorkflow, prompt: defaultPrompt(1) });
});

test('a page that sends no graph has sent none, whatever it sends in its place', async () => {
  for (const workflow of [undefined, null, 7, 'x', [], {}, { nodes: {}, links: [] }, defaultPrompt(1)])
    assert.deepEqual(await read(PROMPT, { workflow, output: {} }), {
      type: PROMPT,
      graph: undefined,
      prompt: undefined,
    });
  const { prompt } = {
    prompt: 1,
    ...(await read(PROMPT, { workflow: defaultWorkflow, output: { '1': { inputs: {} } } })),
  };
  assert.equal(prompt, undefined, 'nor a prompt that is none');
});

test('nothing else is understood', async () => {
  const types = ['deploy', 'cd_plugin_onAfterChange', 'file_drop', 'queue_prompt', 'startAgain', '', 7, null];
  for (const type of types) assert.equal(await read(type, { workflow: defaultWorkflow }), undefined);
  for (const message of [{ type: 'graph_loaded' }, ['graph_loaded'], new String('{"type":"graph_loaded"}'), undefined])
    assert.equal(await readPluginMessage(message, noRests()), undefined, 'only text');
  assert.equal(await read(PROMPT), undefined);
  const long = JSON.stringify({ type: 'graph_loaded', data: 'x'.repeat(LONGEST_MESSAGE) });
  assert.equal(await readPluginMessage(long, noRests()), undefined);
});

test('a graph is sent as an object, its numbers as they are in the file', () => {
  const text = '{"nodes":[{"id":1,"type":"A","widgets_values":[18446744073709551615]}],"links":[]}';
  const graph = parsePythonJson(text) as Readonly<Record<string, unknown>>;
  assert.deepEqual(loadingOf(graph), { ask: `{"type":"graph_load","data":${text}}`, answer: 'graph_loaded' });
  assert.deepEqual(ASKING, { ask: '{"type":"get_prompt"}', answer: PROMPT });
});
