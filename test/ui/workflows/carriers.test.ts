import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { Uri } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { conversionOf } from '../../../src/workflows/promptFrom';
import { objectInfo } from '../../simulator/comfyui/nodes';
import { openFramed } from '../framedComfyUi';
import { startWithOutputs } from '../saving';
import type { World } from '../start';

const PROMPT = defaultPrompt(7);
const pictureWith = (texts: Readonly<Record<string, unknown>>) =>
  encodePng(
    plain(8, 8, 0xff_00_00),
    Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, JSON.stringify(value)])),
  );
const CAT = pictureWith({ prompt: PROMPT, workflow: defaultWorkflow });

/** A session with a ComfyUI, and a picture with the workflow that made it. */
async function startWithPicture(t: TestContext, picture = CAT) {
  const parts = await startWithOutputs(t);
  const { world, id } = parts;
  const uri = world.editor.files.writeBytes('cat.png', picture);
  const url = world.control.session(id)?.url ?? '';
  const run = (command: string, target: unknown = uri) => world.editor.run(`comfydeploy.${command}`, target);
  const queued = async () => {
    await world.until('it to run', () => parts.comfyUi.queueRemaining === 1);
    const queue = (await (await fetch(`${url}/queue`)).json()) as { queue_running: unknown[][] };
    return queue.queue_running[0]?.[2];
  };
  return { ...parts, uri, run, queued };
}

const written = ({ editor }: World) => [...editor.written].map(([address, text]) => [path.basename(address), text]);

test('a picture is queued again as it was made', async (t) => {
  const { world, comfyUi, run, queued } = await startWithPicture(t);
  const done = run('queueAgain');
  assert.deepEqual(await queued(), PROMPT);
  await comfyUi.finishJob();
  await done;
  await world.editor.message(/^cat\.png is done: 1 output/);
});

test('a picture on the disk is read where it lies, and not as a whole', async (t) => {
  const { root, run, queued } = await startWithPicture(t);
  const place = path.join(root, 'fox.png');
  fs.writeFileSync(place, Buffer.concat([CAT, Buffer.alloc(1_000_000)]));
  void run('queueAgain', Uri.file(place));
  assert.deepEqual(await queued(), PROMPT);
});

test('a picture that carries what was drawn alone is queued as the page would queue it', async (t) => {
  const { run, queued } = await startWithPicture(t, pictureWith({ workflow: defaultWorkflow }));
  void run('queueWorkflow');
  assert.deepEqual(await queued(), JSON.parse(JSON.stringify(conversionOf(defaultWorkflow, objectInfo()).prompt)));
});

test('the workflow of a picture is opened in the page, and never saved over the picture', async (t) => {
  const { world, target, run } = await startWithPicture(t);
  const { page } = await openFramed(world, target);
  await run('openWorkflow');
  assert.deepEqual(page.graphs.at(-1), defaultWorkflow);
  world.editor.workspaceFolders = [{ uri: Uri.parse('file:///workspace'), name: 'workspace', index: 0 }];
  const saving = world.run('saveWorkflow', target);
  const dialog = await world.editor.saveDialog();
  assert.doesNotMatch(String(dialog.options.defaultUri), /cat/);
  dialog.choose(undefined);
  await saving;
});

test('the workflow of a picture is written beside it', async (t) => {
  const { world, run } = await startWithPicture(t);
  await run('extractWorkflow');
  assert.deepEqual(written(world), [['cat.workflow.json', stableWorkflow(defaultWorkflow)]]);
  assert.match(String(world.editor.shownTexts.at(-1)?.uri), /\/cat\.workflow\.json$/);
  const api = world.editor.files.writeBytes('dog.png', pictureWith({ prompt: PROMPT }));
  await run('extractWorkflow', api);
  assert.deepEqual(written(world).at(-1), ['dog.api.json', stableWorkflow(PROMPT as never)]);
});

test('the picture in front is meant where nothing else is', async (t) => {
  const { world, uri } = await startWithPicture(t);
  world.editor.frontTab = { input: { uri } };
  await world.editor.run('comfydeploy.extractWorkflow');
  assert.equal(written(world).length, 1);
  world.editor.frontTab = { input: { uri: Uri.parse('file:///workspace/notes.md') } };
  await world.editor.run('comfydeploy.extractWorkflow');
  await world.editor.message(/^Open a picture, video or sound made by ComfyUI, or choose one in the Explorer\.$/);
});

test('a picture without a workflow says so, and one that is gone, too', async (t) => {
  const { world, comfyUi, run } = await startWithPicture(t, pictureWith({ parameters: 'a cat' }));
  await run('queueAgain');
  await world.editor.message(/^cat\.png contains no workflow\. ComfyUI writes it into what it saves, but/);
  world.editor.files.delete('cat.png');
  await run('openWorkflow');
  await world.editor.message(/^cat\.png can't be read\.$/);
  assert.ok(!comfyUi.requests.includes('POST /prompt'));
});

test('an output is queued again in its own session, without a question, and its workflow goes where the user says', async (t) => {
  const { world, comfyUi, run, queued } = await startWithPicture(t);
  const file = { filename: 'a.png', subfolder: '', type: 'output' } as const;
  comfyUi.putFile(file, CAT);
  comfyUi.recordRun({ '9': { images: [file] } });
  world.view.expand(world.node('sd-box'));
  world.nodes();
  await world.settled();
  const row = world.node('a.png');
  await world.control.addSession({ machineId: world.control.sessions()[0]!.machineId, minutesLeft: 30 });
  await world.refresh();
  void run('queueAgain', row);
  assert.deepEqual(await queued(), PROMPT);
  const extracting = run('extractWorkflow', row);
  const dialog = await world.editor.saveDialog();
  dialog.choose(Uri.parse('file:///workspace/mine.json'));
  await extracting;
  assert.deepEqual(written(world), [['mine.json', stableWorkflow(defaultWorkflow)]]);
});
