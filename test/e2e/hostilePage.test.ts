import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { PERSON } from '../simulator/demoWorld';
import { until, withScene, type Scene } from './scene';

const SHOUTING_MS = 3_000;

async function furnish({ control }: Pick<Scene, 'control'>): Promise<void> {
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  await control.addSession({ machineId, minutesLeft: 40, timeoutMinutes: 60 });
}

test('a page that says all it can changes nothing, and one that only says that it opened a workflow is found out', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workspace-'));
  fs.writeFileSync(path.join(folder, 'fox.json'), JSON.stringify(defaultWorkflow));
  try {
    await withScene({ furnish, signedInAs: 'demo', folder }, async (scene) => {
      await shout(scene);
      await ignore(scene);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

function pageOf({ control }: Scene) {
  const [session] = control.sessions();
  const ui = session && control.comfyUi(session.id);
  assert.ok(ui);
  return ui;
}

async function shout(scene: Scene): Promise<void> {
  const { window, control } = scene;
  pageOf(scene).hostile(true);
  await window.row(/\dm · A10G/).click();
  const page = window.sessionPage();
  await page.locator('textarea').first().waitFor();
  const counts = async () => [
    await window.page.locator('.tabs-container .tab').count(),
    await window.page.locator('.notification-toast').count(),
    await window.page.locator('.quick-input-widget:visible').count(),
  ];
  const before = await counts();
  await until('it has shouted', () => page.locator('body').evaluate((_, ms) => performance.now() > ms, SHOUTING_MS));
  assert.deepEqual(await counts(), before);
  assert.equal(await window.webview().locator('#notice').isHidden(), true);
  const { created, cancelled } = control.bill();
  assert.deepEqual({ created, cancelled }, { created: 0, cancelled: 0 });
}

async function ignore(scene: Scene): Promise<void> {
  const { window } = scene;
  const ui = pageOf(scene);
  ui.hostile(false);
  ui.graphsIgnored(true);
  await window.runCommand('ComfyDeploy: Reload Session Page');
  await window.openView('Explorer'); // a page that is loading takes the keys
  await window.runCommand('ComfyDeploy: Open Workflow in Session');
  await window.choice('fox').click();
  const warning = await window.notice('ComfyUI did not open fox as it is in the file');
  await warning.press('Save in ComfyUI');
  await window.notice("fox was saved among ComfyUI's own workflows");
  assert.ok(ui.requests.includes('POST /userdata/workflows%2Ffox.json'));
}
