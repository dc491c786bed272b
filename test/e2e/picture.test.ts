import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { PERSON } from '../simulator/demoWorld';
import { assertAccessible } from './accessibility';
import type { Theme } from './harness';
import { until, withScene, type Scene } from './scene';

const THEMES: readonly Theme[] = ['dark', 'light', 'hc', 'hcLight'];

/** Another version: a node is gone, one is new, one was moved, one has another value. */
function laterVersion(): object {
  const later = JSON.parse(JSON.stringify(defaultWorkflow).replace(/mountain ridges[^"]*/, 'a fox in snow')) as {
    nodes: { readonly type: string; pos?: readonly number[] }[];
    links: readonly (readonly unknown[])[];
  };
  later.nodes = later.nodes.filter(({ type }) => type !== 'SaveImage');
  later.links = later.links.filter(([, , , to]) => to !== 9);
  for (const node of later.nodes) if (node.type === 'EmptyLatentImage') node.pos = [-320, 620];
  const added = { id: 90, type: 'PreviewImage', pos: [1300, 420], size: [260, 160], mode: 0, title: 'Look <b>' };
  return { ...later, nodes: [...later.nodes, added] };
}

test('a workflow is drawn, searched, followed into its text, and compared, in every theme', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
  const write = (name: string, content: object) =>
    fs.writeFileSync(path.join(folder, name), JSON.stringify(content, undefined, 2));
  write('fox.json', defaultWorkflow);
  const written = fs.readFileSync(path.join(folder, 'fox.json'), 'utf8');
  write('later.json', laterVersion());
  write('api.json', defaultPrompt(5));
  const furnish = ({ control }: Pick<Scene, 'control'>) => void control.addMachine({ ...PERSON, name: 'sd-box' });
  try {
    await withScene({ furnish, signedInAs: 'demo', folder }, async (scene) => {
      await drawFromExplorer(scene);
      await searchAndFollow(scene, written);
      await moveAndZoom(scene);
      await inEveryTheme(scene, 'picture', () => scene.window.tab('fox.json').click());
      await drawApi(scene);
      await inEveryTheme(scene, 'difference', () => compare(scene));
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function drawFromExplorer({ window }: Scene): Promise<void> {
  await window.openView('Explorer');
  await until('the files are known', async () =>
    (await window.rowMenuTitles('fox.json')).includes('Show Picture of Workflow'),
  );
  await window.rowMenu('fox.json', 'Show Picture of Workflow');
  await window.webview().getByText('7 / 7').waitFor();
}

const about = ({ window }: Scene) => window.webview().locator('#about').innerText();

/** With the keyboard alone. */
async function searchAndFollow(scene: Scene, written: string): Promise<void> {
  const { window } = scene;
  const page = window.webview();
  await page.getByRole('searchbox', { name: 'Filter' }).fill('sampl');
  await page.getByText('1 / 7').waitFor();
  await window.page.keyboard.press('Enter');
  await until('what it is', async () => (await about(scene)).startsWith('KSampler #'));
  await window.page.keyboard.press('Enter');
  const line = written.split('\n').findIndex((text) => text.includes('"type": "KSampler"')) + 1;
  await until('its line', async () => (await lineInFront(scene)).startsWith(`Ln ${line},`));
  await window.screenshot('dark-picture-line');
  await window.runCommand('View: Close All Editors in Group');
}

/** Where the cursor is in the text in front, as the status bar says it. */
const lineInFront = ({ window }: Scene) =>
  window.page
    .locator('#status\\.editor\\.selection')
    .innerText()
    .catch(() => '');

/** What is drawn, as bytes. */
const pixels = ({ window }: Scene) => window.webview().locator('canvas').screenshot();

async function moveAndZoom(scene: Scene): Promise<void> {
  const { window } = scene;
  const page = window.webview();
  await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  await page.getByRole('button', { name: 'Show all' }).click();
  const canvas = page.locator('canvas');
  await canvas.focus();
  let before = await pixels(scene);
  for (const key of ['ArrowRight', '+', '-', '0']) {
    await window.page.keyboard.press(key);
    await until(`another picture after ${key}`, async () => !before.equals(await pixels(scene)));
    before = await pixels(scene);
  }
  const box = await canvas.boundingBox();
  assert.ok(box);
  await window.page.mouse.move(box.x + 20, box.y + 20);
  await window.page.mouse.wheel(0, -200);
  await until('it is nearer', async () => !before.equals(await pixels(scene)));
  await canvas.focus();
  await window.page.keyboard.press('0');
}

async function inEveryTheme(scene: Scene, name: string, show: () => Promise<void>): Promise<void> {
  const { window } = scene;
  for (const theme of THEMES) {
    if (theme !== THEMES[0]) await window.changeTheme(theme);
    await show();
    const page = window.webview();
    await until('the picture is back', async () => /^\d+ \/ [1-9]/.test(await page.locator('#count').innerText()));
    await window.screenshot(`${theme}-${name}`);
    await assertAccessible(page.locator('main'), `${theme}, ${name}`);
  }
  await window.changeTheme('dark');
}

async function drawApi(scene: Scene): Promise<void> {
  const { window } = scene;
  await window.rowMenu('api.json', 'Show Picture of Workflow');
  await window.webview().getByText('7 / 7').waitFor();
  await window.screenshot('dark-picture-api');
}

/** Through the comparison that there is. */
async function compare(scene: Scene): Promise<void> {
  const { window } = scene;
  await window.runCommand('View: Close All Editors');
  await window.rowMenu('later.json', 'Compare Workflow with…');
  await window.choose('fox');
  await window.page
    .locator('.monaco-diff-editor .view-line', { hasText: /later$/ })
    .first()
    .waitFor();
  await window.tabAction('Show Picture of Workflow');
  await window.webview().getByText('8 / 8').waitFor();
  assert.match(await about(scene), /\+ Added: 1 · − Removed: 1 · ~ Changed: \d · → Moved: 1/);
  const options = await window.webview().locator('option').allInnerTexts();
  assert.ok(
    options.some((text) => text === '+ Look <b> #90 · Added'),
    options.join('\n'),
  );
}
