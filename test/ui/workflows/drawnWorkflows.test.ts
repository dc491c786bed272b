import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { prettyJson } from '../../../src/platform/jsonText';
import { conversionOf } from '../../../src/workflows/promptFrom';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { objectInfo } from '../../simulator/comfyui/nodes';
import { openFramed } from '../framedComfyUi';
import { startWithSession, type World } from '../start';

const EXPORTED = 'cat.api.json';

/** A session with a ComfyUI, and a drawn workflow. */
async function startWithDrawn(t: TestContext, graph: unknown = defaultWorkflow) {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  const url = world.control.session(id)?.url ?? '';
  assert.ok(comfyUi);
  const drawn = JSON.stringify(graph, undefined, 2);
  const uri = world.editor.files.write('cat.json', drawn);
  return {
    world,
    target,
    comfyUi,
    url,
    drawn,
    run: (command: string) => world.editor.run(`comfydeploy.${command}`, uri),
  };
}

/** The queued prompts and the graphs that were sent with them. */
async function queuedIn(url: string) {
  const queue = (await (await fetch(`${url}/queue`)).json()) as { queue_running: unknown[][] };
  return queue.queue_running.map(([, , prompt, extra]) => ({
    prompt,
    graph: (extra as { extra_pnginfo: { workflow: unknown } }).extra_pnginfo.workflow,
  }));
}

const changed = (type: string) =>
  JSON.parse(JSON.stringify(defaultWorkflow).replace('"type":"VAEDecode"', `"type":"${type}"`)) as object;
const written = ({ editor }: World) =>
  [...editor.written].flatMap(([address, text]) => (address.endsWith(EXPORTED) ? [text] : []));

test('a drawn workflow is queued as the page would queue it, and its graph goes along', async (t) => {
  const { world, comfyUi, url, run } = await startWithDrawn(t);
  const done = run('queueWorkflow');
  await world.until('it to run', () => comfyUi.queueRemaining === 1);
  const [queued] = await queuedIn(url);
  assert.ok(queued);
  assert.deepEqual(queued.prompt, JSON.parse(JSON.stringify(conversionOf(defaultWorkflow, objectInfo()).prompt)));
  assert.deepEqual(queued.graph, defaultWorkflow);
  await comfyUi.finishJob();
  await done;
  await world.editor.message(/^cat is done: 1 output/);
  const asked = () => comfyUi.requests.filter((request) => request === 'GET /object_info').length;
  assert.equal(asked(), 1);
  void run('queueWorkflow');
  await world.until(
    'the next one',
    () => comfyUi.requests.filter((request) => request === 'POST /prompt').length === 2,
  );
  assert.equal(asked(), 1, 'a session has the same nodes until it ends');
});

test('nodes that the session does not have are named before anything is queued', async (t) => {
  const { world, comfyUi, run } = await startWithDrawn(t, changed('Nowhere'));
  await run('queueWorkflow');
  const { kind, text } = await world.editor.message(/^cat can't be converted/);
  assert.equal(kind, 'error');
  assert.match(
    text,
    /the session's ComfyUI doesn't have the node Nowhere\. Install its package on the machine, or bypass the node\.$/,
  );
  assert.ok(!comfyUi.requests.includes('POST /prompt'));
});

test('a broken drawn workflow is refused by what is broken', async (t) => {
  const { world, run } = await startWithDrawn(t, { ...defaultWorkflow, links: [] });
  await run('queueWorkflow');
  await world.editor.message(/^cat can't be converted\. Node \d+: the input \w+ is linked to nothing\.$/);
});

test('what ComfyUI refuses of a drawn workflow is marked at the node', async (t) => {
  const text = JSON.stringify(defaultWorkflow).replace('sd_xl_base_1.0.safetensors', 'nowhere.safetensors');
  const { world, drawn, run } = await startWithDrawn(t, JSON.parse(text));
  await run('queueWorkflow');
  const notice = await world.editor.message(/^ComfyUI rejected cat\. CheckpointLoaderSimple \(node 4\)/);
  assert.deepEqual(notice.buttons, ['Show Problem']);
  const [problem] = [...world.editor.problems.values()].flat();
  const line = drawn.split('\n')[problem?.range.start.line ?? -1];
  assert.match(line ?? '', /"type": "CheckpointLoaderSimple"/);
});

test('a page that shows the file says itself what is queued; one that shows something else does not', async (t) => {
  const { world, target, comfyUi, url, run } = await startWithDrawn(t);
  const { page } = await openFramed(world, target);
  page.graphs.push({ ...defaultWorkflow, extra: { ds: {} } });
  void run('queueWorkflow');
  await world.until('it to run', () => comfyUi.queueRemaining === 1);
  const [first] = await queuedIn(url);
  assert.deepEqual(first?.prompt, defaultPrompt(1), 'as the page has said');
  assert.ok(page.heard.some(({ type }) => type === 'get_prompt'));

  page.graphs.push(changed('EmptyImage'));
  await run('exportApi');
  assert.deepEqual(written(world), [prettyJson(conversionOf(defaultWorkflow, objectInfo()).prompt)]);
});

test('a drawn workflow is exported in API format beside its file, and opened', async (t) => {
  const { world, run } = await startWithDrawn(t);
  await run('exportApi');
  assert.deepEqual(written(world), [prettyJson(conversionOf(defaultWorkflow, objectInfo()).prompt)]);
  assert.match(String(world.editor.shownTexts.at(-1)?.uri), /\/cat\.api\.json$/);
  assert.deepEqual(world.editor.statusMessages.at(-1), 'cat.api.json was written');
});

test('an exported file is replaced only if the user says so', async (t) => {
  const { world, run } = await startWithDrawn(t);
  world.editor.files.write(EXPORTED, 'mine');
  const exporting = run('exportApi');
  const question = await world.editor.message(/^cat\.api\.json already exists\.$/);
  assert.deepEqual(question.buttons.slice(0, 2), ['Replace', 'Save As…']);
  question.dismiss();
  await exporting;
  assert.deepEqual(written(world), []);
  world.editor.messages.length = 0;
  void run('exportApi');
  (await world.editor.message(/^cat\.api\.json already exists\.$/)).press('Replace');
  await world.until('the file', () => written(world).length === 1);
});

test('what is in API format already is not exported', async (t) => {
  const { world, run } = await startWithDrawn(t, defaultPrompt(3));
  await run('exportApi');
  await world.editor.message(/^cat is in API format already\.$/);
});

test('an export never starts a session: only one that runs is asked for its nodes', async (t) => {
  const { world, run } = await startWithDrawn(t);
  await world.control.endSession(world.control.sessions()[0]!.id);
  await world.refresh();
  await run('exportApi');
  await world.editor.message(
    /^A running session is needed: only its ComfyUI knows its nodes\. Start a session and try again\.$/,
  );
});
