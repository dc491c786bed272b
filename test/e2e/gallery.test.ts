import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { landscape, plain } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { PERSON } from '../simulator/demoWorld';
import type { Simulator } from '../simulator/simulator';
import { assertAccessible } from './accessibility';
import type { Theme } from './harness';
import { until, withScene, type Scene } from './scene';

const THEMES: readonly Theme[] = ['dark', 'light', 'hc', 'hcLight'];
const SIDE = 256;
const MANY = 60;
const OLD = 'sd-box A10G 1a2b3c4d';

test('saved and new outputs are seen, searched, starred, compared and deleted, with mouse and keys', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gallery-'));
  saveSome(path.join(folder, 'saved', OLD));
  const settings = { 'comfydeploy.outputsFolder': path.join(folder, 'saved') };
  try {
    await withScene({ furnish, signedInAs: 'demo', folder, settings }, async (scene) => {
      await openIt(scene);
      await searchByPrompt(scene);
      await chooseWithBand(scene);
      await chooseWithKeys(scene);
      await star(scene, path.join(folder, 'saved'));
      await compareTwo(scene);
      await saveOne(scene, path.join(folder, 'saved'));
      await inEveryTheme(scene);
      await deleteOne(scene, path.join(folder, 'saved', OLD));
      await seeTheView(scene);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function furnish({ control }: Simulator): Promise<void> {
  const machine = control.addMachine({ ...PERSON, name: 'sd-box' });
  const { id } = await control.addSession({ machineId: machine.id, minutesLeft: 40.2 });
  const ref = { filename: 'new_00001_.png', subfolder: '', type: 'output' } as const;
  const prompt = JSON.stringify(defaultPrompt(99)).replace(/mountain ridges[^"]*/, 'a zebra');
  control.comfyUi(id)?.putFile(ref, encodePng(landscape(SIDE, SIDE, 99), { prompt }));
  control.comfyUi(id)?.recordRun({ '9': { images: [ref] } });
}

/** Pictures as they are saved from sessions, the last one the newest, and one that no thumbnail is made of. */
function saveSome(into: string): void {
  fs.mkdirSync(into, { recursive: true });
  const began = Date.now() / 1_000 - 90_000;
  const write = (name: string, content: Uint8Array, at: number) => {
    fs.writeFileSync(path.join(into, name), content);
    fs.utimesSync(path.join(into, name), began + at, began + at);
  };
  for (let seed = 0; seed < MANY; seed++) {
    const words = seed === 7 ? 'a purple walrus on ice' : 'mountain ridges at dawn';
    const prompt = JSON.stringify(defaultPrompt(seed)).replace(/mountain ridges[^"]*/, words);
    const text = { prompt, workflow: JSON.stringify(defaultWorkflow) };
    const number = `${seed}`.padStart(3, '0');
    write(`fox_${number}.png`, encodePng(landscape(SIDE, SIDE, seed), text), seed);
  }
  write('huge.png', encodePng(plain(8_000, 5_000, 0x33_66_99)), MANY);
}

const page = ({ window }: Scene) => window.webview();
const count = async (scene: Scene) => page(scene).locator('#count').innerText();
const tiles = (scene: Scene) => page(scene).locator('#all > [role=option]');
const tile = (scene: Scene, name: string) => page(scene).getByRole('option', { name });

async function openIt(scene: Scene): Promise<void> {
  await scene.window.runCommand('ComfyDeploy: Open Gallery');
  await until('all of them', async () => (await count(scene)) === `${MANY + 2}`);
  await until('thumbnails', async () => (await page(scene).locator('#all canvas').count()) > 5);
  assert.equal(await tile(scene, 'huge.png').locator('canvas').count(), 0);
  assert.ok((await tiles(scene).count()) < MANY, 'only those in view');
}

async function searchByPrompt(scene: Scene): Promise<void> {
  const search = page(scene).getByRole('searchbox');
  await search.fill('walrus purple');
  await until('the one that was made so', async () => (await count(scene)) === '1');
  assert.match(await tiles(scene).innerText(), /fox_007/);
  await search.fill('');
  await until('all again', async () => (await count(scene)) === `${MANY + 2}`);
}

/** From beside a tile, over the first two of the second row and of the third. */
async function chooseWithBand(scene: Scene): Promise<void> {
  const grid = page(scene).locator('#grid');
  const { mouse } = scene.window.page;
  const box = await grid.boundingBox();
  assert.ok(box);
  const side = (await tiles(scene).first().boundingBox())?.width ?? 0;
  await grid.evaluate((element, top) => (element.scrollTop = top), side);
  await until('the second row', async () => grid.evaluate((element) => element.scrollTop > 0));
  await mouse.move(box.x + 2, box.y + side / 2);
  await mouse.down();
  await mouse.move(box.x + side * 1.5, box.y + side * 1.5, { steps: 5 });
  await until('four of them', async () => (await count(scene)) === `4 / ${MANY + 2}`);
  assert.equal(Math.round(await grid.evaluate((element) => element.scrollTop)), Math.round(side), 'nothing jumps');
  await mouse.up();
  await page(scene).getByRole('listbox').press('Escape');
  await until('none', async () => (await count(scene)) === `${MANY + 2}`);
}

async function chooseWithKeys(scene: Scene): Promise<void> {
  const { keyboard } = scene.window.page;
  await page(scene).getByRole('listbox').focus();
  await keyboard.press('End');
  await until('the oldest', async () =>
    (await page(scene).locator('[aria-selected=true]').innerText()).includes('fox_000'),
  );
  await until('what made it', async () => (await page(scene).locator('section').innerText()).includes('KSampler seed'));
  await chooseTwo(scene);
  await until('two of them', async () => (await count(scene)) === `2 / ${MANY + 2}`);
}

async function chooseTwo(scene: Scene): Promise<void> {
  await page(scene).getByRole('listbox').focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight'])
    await scene.window.page.keyboard.press(key);
}

async function star(scene: Scene, root: string): Promise<void> {
  await page(scene).getByRole('button', { name: 'Star', exact: true }).press('Enter');
  await until('the stars', async () => (await page(scene).getByText('★').count()) === 2);
  assert.equal(await page(scene).locator('button:focus').count(), 1, 'the focus stays among the buttons');
  const kept = JSON.parse(fs.readFileSync(path.join(root, '.comfydeploy-stars.json'), 'utf8')) as unknown;
  assert.deepEqual(kept, [`${OLD}/fox_058.png`, `${OLD}/fox_059.png`]);
  await page(scene).getByRole('checkbox', { name: 'Starred' }).check();
  await until('only those', async () => (await count(scene)) === '2 / 2');
}

async function compareTwo(scene: Scene): Promise<void> {
  await page(scene).getByRole('button', { name: 'Compare' }).click();
  await until('both', async () => (await page(scene).locator('#stage img').count()) === 2);
  const rows = page(scene).locator('tbody tr');
  await until('what differs', async () => (await rows.count()) === 2);
  assert.match(await rows.last().innerText(), /^KSampler seed\s+59\s+58\s*$/);
  const transform = () =>
    page(scene)
      .locator('#stage img')
      .last()
      .evaluate((image: HTMLElement) => image.style.transform);
  await page(scene).locator('section').focus();
  await scene.window.page.keyboard.press('+');
  await until('both are nearer', async () => (await transform()).startsWith('matrix(1.25'));
  await page(scene).getByRole('button', { name: 'Wipe' }).click();
  await scene.window.screenshot('dark-gallery-wipe');
  await hideAndShow(scene);
  await until('both again', async () => (await page(scene).locator('.wiped #stage img').count()) === 2);
  await page(scene).getByRole('button', { name: 'Back' }).click();
  await page(scene).getByRole('checkbox', { name: 'Starred' }).uncheck();
}

/** What is only in the session is shown as it is, found by its words, and saved where all others are. */
async function saveOne(scene: Scene, root: string): Promise<void> {
  await tile(scene, '☁ new_00001_').click();
  await until('the whole picture', async () =>
    page(scene)
      .locator('#stage img')
      .evaluateAll(([image]: HTMLImageElement[]) => image?.naturalWidth === 256 && image.src.startsWith('blob:')),
  );
  await page(scene).getByRole('button', { name: 'Same Workflow' }).waitFor();
  await page(scene).getByRole('searchbox').fill('zebra');
  await until('it by its words', async () => (await count(scene)) === '1 / 1');
  await page(scene).getByRole('searchbox').fill('');
  await page(scene).getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await until('it among the saved', async () => (await tile(scene, '☁').count()) === 0);
  assert.equal(await count(scene), `${MANY + 2}`);
  const folders = fs.readdirSync(root).filter((name) => name !== OLD && !name.startsWith('.'));
  assert.deepEqual(
    folders.map((name) => fs.readdirSync(path.join(root, name))),
    [['new_00001_.png']],
  );
}

/** What is chosen and compared stays so while the page is hidden. */
async function hideAndShow({ window }: Scene): Promise<void> {
  await window.runCommand('Help: Welcome');
  await window.tab('ComfyDeploy Outputs').click();
}

async function inEveryTheme(scene: Scene): Promise<void> {
  const { window } = scene;
  for (const theme of THEMES) {
    if (theme !== THEMES[0]) {
      await window.changeTheme(theme); // which loads the window again
      await until('the tab as it was', async () => (await count(scene)).endsWith(`${MANY + 2}`));
    }
    await chooseTwo(scene);
    await until('two of them', async () => (await count(scene)).startsWith('2 /'));
    await assertAccessible(page(scene).locator('main'), theme);
    await window.screenshot(`${theme}-gallery-two`);
    await page(scene).getByRole('button', { name: 'Compare' }).click();
    await until('both', async () => (await page(scene).locator('#stage img').count()) === 2);
    await assertAccessible(page(scene).locator('main'), `${theme}, compared`);
    await window.screenshot(`${theme}-gallery-compare`);
    await page(scene).locator('section').focus();
    await window.page.keyboard.press('Escape');
  }
  await window.changeTheme('dark');
  await until('the tab as it was', async () => (await count(scene)).endsWith(`${MANY + 2}`));
  await tile(scene, 'fox_059').click();
  await until('one', async () => (await count(scene)) === `1 / ${MANY + 2}`);
}

async function deleteOne(scene: Scene, folder: string): Promise<void> {
  await page(scene).getByRole('button', { name: 'Delete' }).click();
  await scene.window.dialog('Delete fox_059.png?').press('Move to Trash');
  await scene.window.dialog('permanently').press('Delete Permanently'); // this server has no trash
  await until('it is gone', async () => (await count(scene)).endsWith(`${MANY + 1}`));
  assert.ok(!fs.existsSync(path.join(folder, 'fox_059.png')));
}

async function seeTheView(scene: Scene): Promise<void> {
  await scene.window.runCommand('View: Close All Editors in Group');
  await scene.window.runCommand('ComfyDeploy Outputs: Focus on ComfyDeploy Outputs View');
  await until('the same in the view', async () => (await count(scene)) === `${MANY + 1}`);
  await until('thumbnails', async () => (await page(scene).locator('#all canvas').count()) > 3);
  await scene.window.screenshot('dark-gallery-view');
}
