import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { plain } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { PERSON } from '../simulator/demoWorld';
import { until, withScene, type Scene } from './scene';

const PROMPT = 'a fox in deep snow';

/** A graph whose prompt distinguishes it from the default one. */
const GRAPH = JSON.stringify(defaultWorkflow).replace(/mountain ridges[^"]*/, PROMPT);

/** A workflow with a model that the machine does not have. */
const BROKEN = {
  ...defaultPrompt(6),
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'nowhere.safetensors' } },
};

async function furnish({ control }: Pick<Scene, 'control'>): Promise<void> {
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  await control.addSession({ machineId, minutesLeft: 40, timeoutMinutes: 60 });
}

test('a workflow goes from a file into a session, is queued, renders, and comes back into the workspace', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workspace-'));
  const file = (name: string) => path.join(folder, name);
  fs.writeFileSync(file('fox.json'), GRAPH);
  fs.writeFileSync(file('fox-api.json'), JSON.stringify(defaultPrompt(5), undefined, 2));
  fs.writeFileSync(file('broken-api.json'), JSON.stringify(BROKEN, undefined, 2));
  fs.writeFileSync(file('dog.png'), encodePng(plain(8, 8, 0xff_00_00), { prompt: JSON.stringify(defaultPrompt(9)) }));
  fs.writeFileSync(file('settings.json'), '{}');
  fs.writeFileSync(file('photo.png'), encodePng(plain(8, 8, 0xff_00_00), {}));
  try {
    await withScene({ furnish, signedInAs: 'demo', folder, startUpMs: 500 }, async (scene) => {
      await openFromExplorer(scene);
      await queueFromExplorer(scene, file);
      await queueDrawnAndPicture(scene, file);
      await findWhatIsWrong(scene);
      await queueMany(scene, folder);
      await saveIntoWorkspace(scene, file);
      await fromPictureToPicture(scene, folder);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function openFromExplorer({ window }: Scene): Promise<void> {
  await window.row(/\dm · A10G/).waitFor();
  await window.openView('Explorer');
  const offered = async (name: string) =>
    (await window.rowMenuTitles(name)).filter((title) => title.endsWith('in Session'));
  await until('the files are known', async () => (await offered('fox.json')).length > 0);
  assert.deepEqual(await offered('fox.json'), ['Open Workflow in Session', 'Queue Workflow in Session']);
  assert.deepEqual(await offered('fox-api.json'), ['Queue Workflow in Session']);
  assert.deepEqual(await offered('settings.json'), []);
  assert.deepEqual(await offered('dog.png'), ['Open Workflow in Session']);
  await until('the photo is known', async () => (await offered('photo.png')).length === 0);

  await window.rowMenu('fox.json', 'Open Workflow in Session');
  const page = window.sessionPage();
  await page.getByRole('button', { name: 'Unsaved Workflow (2)' }).waitFor();
  await until('the prompt of the file', async () => {
    const texts = await page
      .locator('textarea')
      .evaluateAll((areas) => areas.map((area) => 'value' in area && area.value));
    return texts.includes(PROMPT);
  });
  await window.screenshot('dark-workflow-open');
}

async function queueFromExplorer({ window, control }: Scene, file: (name: string) => string): Promise<void> {
  const [session] = control.sessions();
  assert.ok(session);
  await window.rowMenu('fox-api.json', 'Queue Workflow in Session');
  await window.notice('fox-api on');
  await window.screenshot('dark-workflow-queued');
  await control.comfyUi(session.id)?.finishJob();
  const done = await window.notice('fox-api is done');
  await done.button('Open').waitFor();
  await window.screenshot('dark-workflow-done');
  await done.press('Save to Workspace');
  await until('the picture in the workspace', () => fs.existsSync(file('ComfyUI_00001_.png')));
}

/** From a workflow as drawn, and from a picture that carries one, to new pictures in the workspace. */
async function queueDrawnAndPicture({ window, control }: Scene, file: (name: string) => string): Promise<void> {
  const [session] = control.sessions();
  assert.ok(session);
  for (const [row, action, name, made] of [
    ['fox.json', 'Queue Workflow in Session', 'fox', 'ComfyUI_00002_.png'],
    ['dog.png', 'Queue Again', 'dog.png', 'ComfyUI_00003_.png'],
  ] as const) {
    await window.rowMenu(row, action);
    await window.notice(`${name} on`);
    await control.comfyUi(session.id)?.finishJob();
    const done = await window.notice(`${name} is done`);
    await done.press('Save to Workspace');
    await until('the picture in the workspace', () => fs.existsSync(file(made)));
  }
}

async function queueMany({ window, control }: Scene, folder: string): Promise<void> {
  const [session] = control.sessions();
  assert.ok(session);
  await window.rowMenu('fox-api.json', 'Queue Many');
  await window.choose('New Seeds');
  await window.choice('25 runs').waitFor(); // the question before has the same title
  await window.quickInput.fill('2');
  await window.choose(/^\s*2 runs/);
  await window.dialog('2 runs').press('Queue');
  for (const count of [1, 2]) {
    await until(`run ${count}`, () => control.comfyUi(session.id)?.queueRemaining === 1);
    await control.comfyUi(session.id)?.finishJob();
  }
  await window.notice('fox-api: 2 of 2 done');
  const [made = ''] = fs.readdirSync(folder).filter((name) => name.startsWith('fox-api '));
  assert.equal(
    fs.readdirSync(path.join(folder, made)).filter((name) => /^[12] .*png$|^runs\.csv$/.test(name)).length,
    3,
  );
}

/** With nothing running: one question, and Enter. */
async function fromPictureToPicture({ window, control }: Scene, folder: string): Promise<void> {
  for (const { id } of control.sessions()) await control.endSession(id);
  await window.viewAction('Refresh');
  await window.row(/\dm · A10G/).waitFor({ state: 'detached' });
  await window.openView('Explorer');
  // The explorer scrolls to the file that was opened last, and another row may come under the pointer.
  await until('the rows stand still', async () => (await window.rowMenuTitles('dog.png')).includes('Queue Again'));
  await window.rowMenu('dog.png', 'Queue Again');
  await window.title('Queue dog.png on which machine').waitFor();
  await window.screenshot('dark-workflow-one-question');
  await window.page.keyboard.press('Enter');
  const comfyUi = () => control.comfyUi(control.sessions().at(-1)?.id ?? '');
  await until('the run', () => comfyUi()?.queueRemaining === 1);
  const before = fs.readdirSync(folder).length;
  await comfyUi()?.finishJob();
  await until('the picture beside it', () => fs.readdirSync(folder).length > before);
}

async function findWhatIsWrong({ window }: Scene): Promise<void> {
  await window.notice('Saved ComfyUI');
  await window.rowMenu('broken-api.json', 'Queue Workflow in Session');
  const refused = await window.notice('ComfyUI rejected broken-api');
  await refused.press('Show Problem');
  await window.tab('broken-api.json').waitFor();
  await window.page.locator('.monaco-editor .squiggly-error').first().waitFor();
  await window.screenshot('dark-workflow-problem');
}

async function saveIntoWorkspace({ window }: Scene, file: (name: string) => string): Promise<void> {
  await window.openView('ComfyDeploy');
  await window.rowMenu(/\dm · A10G/, 'Save Workflow from Session…');
  await window.quickInput.waitFor();
  await window.screenshot('dark-workflow-save');
  await window.quickInput.fill(file('saved.json'));
  await window.page.keyboard.press('Enter');
  await until('the workflow in the workspace', () => fs.existsSync(file('saved.json')));
  const saved: unknown = JSON.parse(fs.readFileSync(file('saved.json'), 'utf8'));
  assert.ok(JSON.stringify(saved).includes(PROMPT));
  await window.tab('saved.json').waitFor();
}
