import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { PERSON } from '../simulator/demoWorld';
import { until, withScene, type Scene } from './scene';

type Node = Readonly<Record<string, unknown>> & { readonly id: number };

/** The default workflow with other steps of its sampler. */
function withSteps(steps: number): string {
  const nodes = (defaultWorkflow['nodes'] as readonly Node[]).map((node) => {
    const values = node['widgets_values'] as readonly unknown[];
    return node.id === 3 ? { ...node, widgets_values: values.with(2, steps) } : node;
  });
  return JSON.stringify({ ...defaultWorkflow, nodes });
}

/** Both formats of the default workflow with other steps. */
function stepping(steps: number): { readonly graph: string; readonly prompt: string } {
  return {
    graph: withSteps(steps),
    prompt: JSON.stringify(defaultPrompt(1)).replace('"steps":20', `"steps":${steps}`),
  };
}

test("ComfyDeploy's workflows are listed, opened, compared, taken out in step, renamed and opened in a session", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'library-'));
  try {
    await withScene({ furnish, signedInAs: 'demo', folder }, async (scene) => {
      await seeTheList(scene);
      await openAndCompare(scene);
      await takeItOut(scene, folder);
      await rename(scene);
      await duplicate(scene);
      await openInASession(scene);
      assert.equal(scene.control.bill().created, 0, 'the running session was used');
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function furnish({ control }: Pick<Scene, 'control'>): Promise<void> {
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  await control.addSession({ machineId, minutesLeft: 40.2 });
  control.addWorkflow({ name: 'upscale', pinned: true, ...stepping(20) });
  const { id } = control.addWorkflow({ name: 'portrait', machineId, ...stepping(20) });
  control.addVersion(id, { ...stepping(30), comment: 'more steps' });
}

const portrait = /^portrait/;

async function seeTheList({ window }: Scene): Promise<void> {
  await window.sideBar.locator('.pane-header', { hasText: 'Workflows' }).click();
  await window.row(portrait).waitFor();
  const rows = await window.rows();
  const [first = '', second = ''] = rows.slice(-2);
  assert.match(first, /^upscale .*ago$/, 'the pinned one comes first');
  assert.match(second, /^portrait sd-box · .*ago$/);
  await window.row(portrait).locator('.monaco-tl-twistie').click();
  await window.row(/^Version 2.*more steps/).waitFor();
  await window.row(/^Version 1/).waitFor();
  await window.screenshot('library-list');
}

async function openAndCompare({ window }: Scene): Promise<void> {
  await window.rowMenu(/^Version 1/, 'Open');
  await window.page.locator('.part.editor .view-lines', { hasText: '"last_node_id"' }).waitFor();
  await window.screenshot('library-version');
  await window.rowMenu(/^Version 1/, 'Compare Workflow with');
  await window.choose('Newest version');
  await window.page.locator('.part.editor .monaco-diff-editor').first().waitFor();
  await window.page.locator('.part.editor .view-line', { hasText: 'KSampler #3 steps: 20 → 30' }).first().waitFor();
  await window.screenshot('library-compared');
  await window.runCommand('View: Close All Editors');
}

/** The file is that version, and is told from one that somebody saves later. */
async function takeItOut({ window, control }: Scene, folder: string): Promise<void> {
  await window.rowMenu(portrait, 'Save As');
  await window.quickInput.waitFor();
  await window.page.keyboard.press('Enter');
  const file = path.join(folder, 'portrait v2.json');
  await until('the file', () => fs.existsSync(file));
  assert.match(fs.readFileSync(file, 'utf8'), /"last_node_id"/);
  const lens = window.page.locator('.part.editor .codelens-decoration');
  await lens.getByText('Version 2 · in step').waitFor();
  const id = control.workflows().find(({ name }) => name === 'portrait')?.id ?? '';
  control.addVersion(id, stepping(40));
  await window.screenshot('library-file');
}

async function rename({ window, control }: Scene): Promise<void> {
  await window.rowMenu(portrait, 'Rename');
  await window.quickInput.waitFor();
  await window.page.keyboard.press('ControlOrMeta+A');
  await window.page.keyboard.type('portrait of a fox');
  await window.page.keyboard.press('Enter');
  await window.row(/^portrait of a fox/).waitFor();
  assert.ok(control.workflows().some(({ name }) => name === 'portrait of a fox'));
}

async function duplicate({ window }: Scene): Promise<void> {
  await window.rowMenu(/^upscale/, 'Duplicate');
  const copy = window.row(/^upscale \(Cloned\)/);
  await copy.waitFor();
  await until('the copy is selected', async () => /\bselected\b/.test((await copy.getAttribute('class')) ?? ''));
}

async function openInASession({ window }: Scene): Promise<void> {
  await window.rowMenu(/^portrait of a fox/, 'Open Workflow in Session');
  const page = window.sessionPage();
  await page.getByRole('button', { name: 'Unsaved Workflow (2)' }).waitFor();
  await until('the steps of the newest version', async () => {
    const values = await page.locator('input').evaluateAll((all) => all.map((one) => 'value' in one && one.value));
    return values.includes('40');
  });
  await window.screenshot('library-open');
}
