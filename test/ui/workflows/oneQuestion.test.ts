import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { Uri } from '../../fakes/vscode/values';
import { START_UP_MS } from '../creating';
import { ME, MINUTE, start, type World } from '../start';

const CHECKPOINT = 'checkpoints/sd_xl_base_1.0.safetensors';
const STEPS = { steps: [{ id: 'a', type: 'custom-node-manager', data: { node_id: 'near', version: '1.0.0' } }] };

/** A machine, a workspace with a workflow in a folder of its own, and nothing that runs. */
async function startAtRest(t: TestContext, name = 'sd-box') {
  const world = await start(t, {
    comfyUi: true,
    furnish: (control) => {
      control.addMachine({ ...ME, name, steps: STEPS });
      control.setModels([CHECKPOINT]);
    },
  });
  const { editor } = world;
  editor.workspaceFolders = [{ uri: Uri.parse('file:///workspace'), name: 'workspace', index: 0 }];
  const uri = editor.files.write('cats/cat.json', JSON.stringify(defaultWorkflow));
  return { world, uri };
}

const created = ({ control }: World) => control.bill().created;
const sessionIn = ({ control }: World) => control.sessions().at(-1)?.id ?? '';
const written = ({ editor }: World) => [...editor.written.keys()];

/** From a session that is asked for to the picture in the workspace. */
async function untilSaved(world: World, text: RegExp): Promise<void> {
  await world.advance(2 * START_UP_MS);
  const comfyUi = await world.until('its ComfyUI', () => world.control.comfyUi(sessionIn(world)));
  await world.until('the run', () => comfyUi.queueRemaining === 1);
  await comfyUi.finishJob();
  await world.advance(MINUTE / 10);
  await world.editor.message(text);
}

test('with nothing running, one question stands between a drawn workflow and its picture beside it', async (t) => {
  const { world, uri } = await startAtRest(t);
  const questions = world.editor.inputs.length;
  const done = world.editor.run('comfydeploy.queueWorkflow', uri);
  const offers = await world.editor.pick(
    /: Rented 15 min at a time for as long as it is used, then it ends by itself$/,
  );
  assert.equal(offers.title, 'Queue cat on which machine?');
  assert.equal(offers.labels[0], 'sd-box · A10G');
  assert.match(offers.describe('sd-box · A10G') ?? '', /^24 GB · \$1\.22 an hour · machine default$/);
  offers.enter();
  await untilSaved(world, /^Saved ComfyUI_00001_\.png\.$/);
  await done;
  assert.equal(world.editor.inputs.length, questions + 1);
  assert.deepEqual(written(world), ['file:///workspace/cats/ComfyUI_00001_.png']);
  assert.equal(created(world), 1);
  assert.match(world.rows[0] ?? '', /^sd-box: 14m · A10G · .*on lease, renewed while used$/);
});

test('a picture is queued again by one question, and the new one lies beside it under a name of its own', async (t) => {
  const { world } = await startAtRest(t);
  const picture = encodePng(plain(8, 8, 0xff_00_00), { prompt: JSON.stringify(defaultPrompt(7)) });
  const uri = world.editor.files.writeBytes('cats/ComfyUI_00001_.png', picture);
  void world.editor.run('comfydeploy.queueAgain', uri);
  (await world.editor.pick(/: Rented/)).enter();
  await untilSaved(world, /^Saved ComfyUI_00001_ \(2\)\.png\.$/);
  assert.deepEqual(written(world), ['file:///workspace/cats/ComfyUI_00001_ (2).png']);
});

test('a window that is loaded anew while it runs saves what it comes to all the same', async (t) => {
  const { world, uri } = await startAtRest(t);
  void world.editor.run('comfydeploy.queueWorkflow', uri);
  (await world.editor.pick(/: Rented/)).enter();
  await world.advance(2 * START_UP_MS);
  await world.until('the run', () => world.control.comfyUi(sessionIn(world))?.queueRemaining === 1);
  const { workspaceFolders } = world.editor;
  await world.reopen();
  world.editor.workspaceFolders = workspaceFolders;
  await untilSaved(world, /^Saved ComfyUI_00001_\.png\.$/);
  assert.deepEqual(written(world), ['file:///workspace/cats/ComfyUI_00001_.png']);
});

test('the cheapest that fits is asked about the first time, and never again', async (t) => {
  const { world, uri } = await startAtRest(t);
  void world.editor.run('comfydeploy.queueCheapest', uri);
  (await world.editor.pick(/: Rented/)).choose('sd-box · A10G');
  await untilSaved(world, /^Saved ComfyUI_00001_/);
  const comfyUi = world.control.comfyUi(sessionIn(world));
  for (let minutes = 0; !comfyUi?.requests.includes('GET /object_info'); minutes++) {
    assert.ok(minutes < 10, 'its nodes are read while it rests');
    await world.advance(MINUTE);
  }
  await world.control.endSession(sessionIn(world));
  await world.refresh();
  const questions = world.editor.inputs.length;
  void world.editor.run('comfydeploy.queueCheapest', uri);
  await world.until('a session', () => created(world) === 2);
  assert.equal(world.control.session(sessionIn(world))?.gpu, 'T4', 'its memory is enough, as the first run has shown');
  await untilSaved(world, /^Saved ComfyUI_00001_/);
  assert.equal(world.editor.inputs.length, questions);
});

test('walking away starts nothing, and another length is asked for as ever', async (t) => {
  const { world, uri } = await startAtRest(t);
  const queued = world.editor.run('comfydeploy.queueWorkflow', uri);
  (await world.editor.pick(/: Rented/)).hide();
  await queued;
  void world.editor.run('comfydeploy.queueWorkflow', uri);
  (await world.editor.pick(/: Rented/)).choose('New Session…');
  (await world.editor.pick(/On which machine/)).hide();
  assert.equal(created(world), 0);
});

test('a machine with a hostile name is shown plainly', async (t) => {
  const { world, uri } = await startAtRest(t, '$(trash) [x](command:evil)\u202e');
  void world.editor.run('comfydeploy.queueWorkflow', uri);
  const offers = await world.editor.pick(/: Rented/);
  assert.doesNotMatch(offers.labels[0] ?? '', /^\$\(trash\)|\u202e/);
  offers.hide();
});
