import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { Uri } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { openFramed } from '../framedComfyUi';
import { startWithSession, type World } from '../start';

const PLACE = Uri.parse('file:///workspace/flows/mine.json');
const FROM_HISTORY = /^The session's page is not open in VS Code, or not responding\. mine contains /;
const KEY = 'comfyui-0123456789abcdef';
const A_MOMENT = 1_000;

async function begin(t: TestContext) {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  const { url } = world.control.session(id)!;
  /** Saves to a place, or cancels; resolves with the dialog's proposal. */
  const save = async (place: Uri | null = PLACE) => {
    const saving = world.run('saveWorkflow', target);
    const { choose, options } = await dialogOf(world);
    choose(place ?? undefined);
    await saving;
    return options.defaultUri?.toString();
  };
  const run = (body: object) => fetch(`${url}/prompt`, { method: 'POST', body: JSON.stringify(body) });
  const comfyUi = world.control.comfyUi(id)!;
  return { world, target, save, run, comfyUi };
}

async function dialogOf({ editor }: World) {
  const dialog = await editor.saveDialog();
  return { options: dialog.options, choose: (uri: Uri | undefined) => dialog.choose(uri) };
}

const shown = ({ editor }: World) => editor.shownTexts.map(({ uri }) => uri.toString());
const written = ({ editor }: World) => editor.written.get(PLACE.toString());

test('what the page shows is written as stable text, and opened', async (t) => {
  const { world, target, save } = await begin(t);
  const { page } = await openFramed(world, target);
  page.graphs.push({ ...defaultWorkflow, extra: { ds: { scale: 2, offset: [1, 2] } } });
  await save();
  assert.equal(written(world), stableWorkflow({ ...defaultWorkflow, extra: {} }));
  assert.deepEqual(shown(world), [PLACE.toString()]);
  assert.deepEqual([world.editor.statusMessages.at(-1), world.editor.messages], ['Workflow saved', []]);

  page.graphs.push({ ...defaultWorkflow, extra: { ds: { scale: 1, offset: [9, 9] } } });
  const before = written(world);
  await save();
  assert.equal(written(world), before, 'looking around in the page leaves no trace');
});

test('without a page the workflow of the last prompt is taken from the history, and that is said', async (t) => {
  const { world, save, comfyUi } = await begin(t);
  comfyUi.startJob({ seconds: 60 });
  await comfyUi.finishJob();
  await save();
  assert.equal(written(world), stableWorkflow(defaultWorkflow));
  const { text, kind } = await world.editor.message(FROM_HISTORY);
  assert.match(text, /the workflow that was queued last, without later changes\.$/);
  assert.equal(kind, 'information');
});

test('a prompt that came without its graph is saved as it was run, and nothing that was posted with it', async (t) => {
  const { world, save, run, comfyUi } = await begin(t);
  await run({ prompt: defaultPrompt(7), extra_data: { api_key_comfy_org: KEY, extra_pnginfo: { note: KEY } } });
  await comfyUi.finishJob();
  await save();
  assert.equal(written(world), stableWorkflow(defaultPrompt(7)));
  assert.match((await world.editor.message(FROM_HISTORY)).text, /in API format: it can be queued again/);

  await run({
    prompt: defaultPrompt(8),
    extra_data: { api_key_comfy_org: KEY, extra_pnginfo: { workflow: defaultWorkflow, note: KEY } },
  });
  await comfyUi.finishJob();
  await save();
  assert.equal(written(world), stableWorkflow(defaultWorkflow));
});

test('a page that does not answer is not waited for long, and the history is taken', async (t) => {
  const { world, target, comfyUi } = await begin(t);
  comfyUi.startJob({ seconds: 60 });
  await comfyUi.finishJob();
  const { page } = await openFramed(world, target, 'mute');
  const saving = world.run('saveWorkflow', target);
  await world.until('a question', () => page.heard.length > 0);
  await world.advance(16_000);
  (await dialogOf(world)).choose(PLACE);
  await saving;
  await world.editor.message(FROM_HISTORY);
});

test('where nothing has run and no page is open there is nothing to save, and no dialog', async (t) => {
  const { world, target } = await begin(t);
  await world.run('saveWorkflow', target);
  await world.editor.message(/^There is no workflow to save/);
  assert.deepEqual(world.editor.saveDialogs, []);
});

test('walking away from the dialog, or from the wait, writes nothing', async (t) => {
  const { world, target, save } = await begin(t);
  const { page } = await openFramed(world, target);
  await save(null);
  assert.deepEqual([world.editor.written.size, shown(world)], [0, []]);
  page.manner = 'mute';
  const saving = world.run('saveWorkflow', target);
  await world.advance(A_MOMENT);
  (await world.editor.progress(/^Reading the workflow of A10G on sd-box$/)).cancel();
  await saving;
  assert.deepEqual([world.editor.saveDialogs.length, world.editor.messages], [1, []]);
});

test("the dialog begins in the workspace's first folder, and then where the last one was saved", async (t) => {
  const { world, target, save } = await begin(t);
  const { page } = await openFramed(world, target);
  assert.equal(await save(null), undefined, 'without a workspace VS Code knows best');
  world.editor.workspaceFolders = [{ uri: Uri.parse('vscode-vfs://github/me/flows'), name: 'flows', index: 0 }];
  assert.equal(await save(null), 'vscode-vfs://github/me/flows/A10G on sd-box workflow.json');
  await save(PLACE);
  page.graphs.push({ ...defaultWorkflow, id: 'another' });
  assert.equal(await save(null), 'file:///workspace/flows/A10G on sd-box workflow.json');
});

test('a workflow that came from a file goes back to it, as long as it is the one on show', async (t) => {
  const { world, target, save } = await begin(t);
  const { page } = await openFramed(world, target);
  const mine = { ...defaultWorkflow, id: 'mine' };
  const uri = world.editor.files.write('portrait.json', JSON.stringify(mine));
  await world.run('openWorkflow', uri);
  assert.equal(await save(null), uri.toString());
  page.graphs.push({ ...mine, id: 'another' });
  assert.notEqual(await save(null), uri.toString());
});

test('a file that is open with unsaved changes is left as it is', async (t) => {
  const { world, target, save } = await begin(t);
  await openFramed(world, target);
  world.editor.texts.open(PLACE, '{}');
  world.editor.texts.type(PLACE, '{"mine": 1}');
  await save();
  const { text } = await world.editor.message(/^mine is open with unsaved changes/);
  assert.match(text, /Save or revert it, then save the workflow again\.$/);
  assert.deepEqual([world.editor.written.size, shown(world)], [0, []]);
});

test('a place that accepts no file is reported', async (t) => {
  const { world, target, save } = await begin(t);
  await openFramed(world, target);
  world.editor.written.set(PLACE.toString(), 'mine');
  world.editor.isDiskFull = true;
  await save();
  await world.editor.message(/^The workflow couldn't be written there\. Choose another place\.$/);
  assert.deepEqual(shown(world), []);
  assert.deepEqual([...world.editor.written], [[PLACE.toString(), 'mine']], 'nothing that was there is lost');
});

test('an unreachable ComfyUI is reported', async (t) => {
  const { world, target, comfyUi } = await begin(t);
  comfyUi.refuse(/history/, 502);
  await world.run('saveWorkflow', target);
  await world.editor.message(/had a server error \(\d+\)/);
  assert.deepEqual(world.editor.saveDialogs, []);
});
