import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import type { CodeAction, Range } from '../../fakes/vscode/values';
import { ME, MINUTE, startWithSession, type World } from '../start';

const asked = (requests: readonly string[]) => requests.filter((request) => request === 'GET /object_info').length;
const problems = ({ editor }: World) => [...editor.problems.values()].flat();
const messages = (world: World) => problems(world).map(({ message }) => message);

async function startWithFile(t: TestContext, workflow: unknown) {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  assert.ok(comfyUi);
  const text = JSON.stringify(workflow, undefined, 2);
  const uri = world.editor.files.write('cat.json', text);
  const check = () => world.editor.run('comfydeploy.checkWorkflow', uri);
  return { world, id, target, comfyUi, text, uri, check };
}

const wrong = JSON.parse(
  JSON.stringify(defaultPrompt(3)).replace('"seed":3', '"seed":-7').replace('"steps":20', '"steps":0'),
) as object;

/** Runs a session so that its list of nodes is kept, and ends it. */
async function keepList(t: TestContext, workflow: unknown) {
  const started = await startWithFile(t, workflow);
  const { world, comfyUi, id } = started;
  await world.until('the list to be read', async () => {
    await world.advance(MINUTE);
    return asked(comfyUi.requests) === 1;
  });
  await world.control.endSession(id);
  await world.refresh();
  return started;
}

test('a workflow without problems is said to have none, and against which nodes it was checked', async (t) => {
  const { world, comfyUi, check } = await startWithFile(t, defaultWorkflow);
  await check();
  const { kind, text } = await world.editor.message(/^cat: no problems found\./);
  assert.equal(kind, 'information');
  assert.match(text, /^cat: no problems found\. Checked against the nodes of .+, which is running\.$/);
  assert.equal(asked(comfyUi.requests), 1);
  assert.ok(!comfyUi.requests.includes('POST /prompt'));
});

test('what is wrong stands at its line, with a way to mend it where that is sure', async (t) => {
  const { world, text, uri, check } = await startWithFile(t, wrong);
  world.editor.texts.open(uri, text);
  const checking = check();
  const notice = await world.editor.message(/^cat: 2 problems found\./);
  assert.equal(notice.kind, 'warning');
  assert.deepEqual(messages(world), ['seed: -7 is below the minimum of 0.', 'steps: 0 is below the minimum of 1.']);
  const lines = problems(world).map(({ range }) => text.split('\n')[range.start.line]?.trim());
  assert.deepEqual(lines, ['"seed": -7,', '"steps": 0,']);
  const [seed = [], steps = []] = problems(world).map(({ range }) => fixesAt(world, uri, range));
  assert.deepEqual(
    steps.map(({ title, edit }) => [title, edit?.replaced[0]?.text]),
    [['Use 1', '1']],
  );
  assert.deepEqual(
    seed.map(({ title }) => title),
    ['Use a random seed'],
  );
  assert.match(seed[0]?.edit?.replaced[0]?.text ?? '', /^\d{1,10}$/);

  world.editor.texts.type(uri, text.replace('"steps": 0', '"steps": 20'));
  await world.until('the mended one to go', () => problems(world).length === 1);
  notice.press('Show Problem');
  await checking;
  assert.equal(world.editor.shownTexts.at(-1)?.selection?.start.line, problems(world)[0]?.range.start.line);
});

test('a value of a drawn workflow is marked and mended where its file holds it', async (t) => {
  const drawn = JSON.parse(
    JSON.stringify(defaultWorkflow).replace('sd_xl_base_1.0.safetensors', 'xl/SD_XL_base_1.0.ckpt'),
  );
  const { world, text, uri, check } = await startWithFile(t, drawn);
  world.editor.texts.open(uri, text);
  void check();
  await world.editor.message(/^cat: 1 problem found\./);
  assert.deepEqual(messages(world), ["ckpt_name: the model xl/SD_XL_base_1.0.ckpt isn't on the machine."]);
  const [problem] = problems(world);
  assert.equal(text.split('\n')[problem?.range.start.line ?? 0]?.trim(), '"xl/SD_XL_base_1.0.ckpt"');
  const [fix] = fixesAt(world, uri, problem!.range);
  assert.deepEqual(
    [fix?.title, fix?.edit?.replaced[0]?.text],
    ['Use sd_xl_base_1.0.safetensors', '"sd_xl_base_1.0.safetensors"'],
  );
});

test('a prompt without outputs is reported as a whole', async (t) => {
  const { world, check } = await startWithFile(t, { 1: { class_type: 'EmptyImage', inputs: {} } });
  void check();
  const { buttons } = await world.editor.message(/^cat: None of its nodes is an output, so there is nothing to run\. /);
  assert.deepEqual(buttons, []);
});

test('the nodes of a session that rests are read once and kept, for when none runs', async (t) => {
  const { world, comfyUi, check } = await keepList(t, wrong);
  await world.advance(5 * MINUTE);
  void check();
  const { text } = await world.editor.message(/^cat: 2 problems found\./);
  assert.match(text, /Checked against the nodes of .+, read \d+ min ago\.$/);
  assert.equal(asked(comfyUi.requests), 1);
});

test('a file on show is checked by itself once a list is kept, and again when it is changed', async (t) => {
  const { world, text, uri } = await keepList(t, wrong);
  world.editor.texts.open(uri, text);
  await world.until('the check', async () => {
    await world.advance(1);
    return problems(world).length === 2;
  });
  assert.deepEqual(world.editor.messages, [], 'nobody has asked');
  world.editor.texts.type(uri, text.replace('"steps": 0', '"steps": 99999'));
  await world.until('the next one', async () => {
    await world.advance(1_000);
    return messages(world).includes('steps: 99999 is above the maximum of 10000.');
  });
});

test('nothing is checked by itself where that is turned off, nor what is no workflow', async (t) => {
  const { world, text, uri } = await keepList(t, wrong);
  world.editor.configure('comfydeploy.checkWorkflows', false);
  world.editor.texts.open(uri, text);
  await world.advance(MINUTE);
  assert.deepEqual(problems(world), []);
  world.editor.texts.close(uri);
  world.editor.configure('comfydeploy.checkWorkflows', true);
  world.editor.texts.open(world.editor.files.write('package.json', '{"nodes": 1}'), '{"nodes": 1}');
  await world.advance(MINUTE);
  assert.deepEqual(problems(world), []);
});

const drawnWith = (pack: string) => {
  const properties = /"type":"VAEDecode"(.*?)"properties":\{[^}]*\}/;
  const text = JSON.stringify(defaultWorkflow);
  return JSON.parse(text.replace(properties, `"type":"Far"$1"properties":{"cnr_id":"${pack}"}`)) as object;
};
const CHECKPOINT = 'checkpoints/v1-5-pruned-emaonly-fp16.safetensors';
const STEPS = { steps: [{ id: 'a', type: 'custom-node-manager', data: { node_id: 'near', version: '1.0.0' } }] };

test('without a list of its nodes a machine is checked by its packages and the models of the account', async (t) => {
  const { world, id, check } = await startWithFile(t, drawnWith('far-pack'));
  await world.control.endSession(id);
  const [box] = world.control.machines();
  world.control.setModels([CHECKPOINT]);
  world.control.alterMachine(box?.id ?? '', { steps: STEPS });
  await world.refresh();
  await check();
  const notice = await world.editor.message(/^cat: \d problems? found\./);
  assert.match(
    notice.text,
    /^cat: 2 problems found\. Checked against the packages of sd-box and your models\. More is known once a session of it has run\.$/,
  );
  assert.deepEqual(messages(world).toSorted(), [
    "CheckpointLoaderSimple: the model sd_xl_base_1.0.safetensors isn't on the machine.",
    "The machine doesn't have this node. Add its package, far-pack, to the machine.",
  ]);
});

test('the list of machines says what each lacks of the workflow, and begins with those that lack nothing', async (t) => {
  const { world, id, uri } = await startWithFile(t, drawnWith('far-pack'));
  await world.control.endSession(id);
  const [box] = world.control.machines();
  world.control.setModels([CHECKPOINT]);
  world.control.alterMachine(box?.id ?? '', { steps: STEPS });
  const far = { steps: [{ id: 'b', type: 'custom-node-manager', data: { node_id: 'far-pack', version: '2' } }] };
  world.control.addMachine({ ...ME, name: 'zed-box', steps: far });
  world.control.addMachine({ ...ME, name: 'far-box' });
  await world.refresh();
  const read = t.mock.method(world.files('nodes'), 'read');
  void world.editor.run('comfydeploy.queueWorkflow', uri);
  const offers = await world.editor.pick(/: Rented/);
  assert.equal(read.mock.callCount(), 1, 'of the lists that are kept the index is read once');
  offers.choose('New Session…');
  const machines = await world.editor.pick(/On which machine/);
  assert.match(machines.describe('sd-box') ?? '', / · 1 node and 1 model missing$/);
  assert.match(machines.describe('zed-box') ?? '', / · 1 model missing$/);
  assert.match(machines.describe('far-box') ?? '', / · not checked$/, 'nobody knows what it is made of');
  assert.deepEqual(machines.labels, ['far-box', 'zed-box', 'sd-box']);
});

test('a model that came after the list was kept is not missed', async (t) => {
  const text = JSON.stringify(defaultPrompt(3)).replace('sd_xl_base_1.0.safetensors', 'new.safetensors');
  const { world, check } = await keepList(t, JSON.parse(text));
  void check();
  await world.editor.message(/^cat: 1 problem found\./);
  assert.deepEqual(messages(world), ["ckpt_name: the model new.safetensors isn't on the machine."]);
  world.control.setModels([CHECKPOINT, 'checkpoints/new.safetensors']);
  await world.advance(2 * MINUTE);
  void check();
  await world.editor.message(/^cat: no problems found\./);
});

function fixesAt({ editor }: World, uri: vscode.Uri, range: Range): readonly CodeAction[] {
  const none = {} as never;
  return editor.fixers.flatMap(
    (fixer) => fixer.provideCodeActions({ uri } as never, range as never, none, none) as unknown as CodeAction[],
  );
}
