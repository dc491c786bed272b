import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { until, untilRows, withScene, type Scene } from './scene';
import { appears } from './workbench';

const PROMPT = 'a red fox in deep snow, morning light';
const SESSION = /^sd-box.*\dm · A10G/;

test('what is rendered is told and saved as it finishes, and what was drawn comes back after its tab was closed', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rendered-'));
  const settings = {
    'comfydeploy.outputsFolder': folder,
    'comfydeploy.saveOutputs': 'asTheyFinish',
    'comfydeploy.notifyWhenDone': 'always',
    'comfydeploy.warnBeforeEnd': [],
  };
  const furnish = async ({ control }: Pick<Scene, 'control'>) => {
    const machine = control.addMachine({ ...PERSON, name: 'sd-box' });
    await control.addSession({ machineId: machine.id, minutesLeft: 40.2 });
  };
  try {
    await withScene({ furnish, settings, signedInAs: 'demo' }, async (scene) => {
      await drawAndRender(scene);
      await seeItToldAndSaved(scene, folder);
      await loseTheCanvas(scene);
      await bringItBack(scene);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

const onlySession = ({ control }: Scene) => control.sessions()[0]?.id ?? '';

async function drawAndRender(scene: Scene): Promise<void> {
  const { window, control } = scene;
  await window.row(SESSION).click();
  await window.sessionPage().locator('textarea').first().fill(PROMPT);
  const comfyUi = control.comfyUi(onlySession(scene));
  await window.row(/A10G · idle/).waitFor(); // a run that is over before anybody looks was not this window's
  comfyUi?.startJob({ seconds: 3_600, clientId: 'page' });
  await window.viewAction('Refresh');
  await window.row(/A10G · rendering/).waitFor();
  await comfyUi?.finishJob();
}

async function seeItToldAndSaved({ window }: Scene, folder: string): Promise<void> {
  const notice = await window.notice('rendered ComfyUI_00001_.png');
  assert.match(await notice.text(), /A10G on sd-box rendered ComfyUI_00001_\.png \(\d+ s, .*\$0\.\d\d\)/);
  await window.screenshot('while-told');
  const saved = () => fs.readdirSync(folder, { recursive: true }).map((name) => path.basename(String(name)));
  await until('the picture and its workflow', () =>
    ['ComfyUI_00001_.png', 'ComfyUI_00001_.workflow.json'].every((name) => saved().includes(name)),
  );
  await window.row(SESSION).locator('.monaco-tl-twistie').click();
  await untilRows(window, [SESSION, /^Outputs 1, newest .*/, /^ComfyUI_00001_\.png .* · saved$/]);
  await window.screenshot('while-saved');
}

/** It is read shortly before the end that is known; the tab is closed, and the session goes on after all. */
async function loseTheCanvas(scene: Scene): Promise<void> {
  const { window, control } = scene;
  control.setMinutesLeft(onlySession(scene), 0.9);
  await window.viewAction('Refresh');
  await until('it is kept', () => restorable(scene));
  control.setMinutesLeft(onlySession(scene), 30.5);
  await window.viewAction('Refresh');
  await window.runCommand('View: Close All Editors');
}

/** Whether *Restore Canvas* has something to offer. */
async function restorable({ window }: Scene): Promise<boolean> {
  await window.runCommand('ComfyDeploy: Restore Canvas');
  const isThere = await appears(window.choice('A10G on sd-box'), 3_000);
  await window.page.keyboard.press('Escape');
  return isThere;
}

async function bringItBack({ window }: Scene): Promise<void> {
  await window.runCommand('ComfyDeploy: Restore Canvas');
  await window.choose('A10G on sd-box');
  const text = window.sessionPage().locator('textarea').first();
  await until('the prompt is back', async () => (await text.inputValue()) === PROMPT);
  await window.screenshot('while-restored');
}
