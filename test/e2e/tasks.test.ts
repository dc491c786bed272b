import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt } from '../simulator/comfyui/page/defaultGraph';
import { PERSON } from '../simulator/demoWorld';
import { until, withScene, type Scene } from './scene';

/** A workflow with a model that the machine does not have. */
const BROKEN = {
  ...defaultPrompt(6),
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'nowhere.safetensors' } },
};

const task = (label: string, machine: string) => ({
  label,
  type: 'comfydeploy',
  workflow: `\${workspaceFolder}/${label}.json`,
  machine,
  saveTo: 'out',
});

async function furnish({ control }: Pick<Scene, 'control'>): Promise<void> {
  control.addMachine({ ...PERSON, name: 'sd-box' });
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'busy-box' });
  await control.addSession({ machineId, minutesLeft: 40, timeoutMinutes: 60 });
}

test('a task of tasks.json runs to its saved picture and ends what it started, and its problems are listed', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workspace-'));
  fs.mkdirSync(path.join(folder, '.vscode'));
  fs.writeFileSync(path.join(folder, 'cat.json'), JSON.stringify(defaultPrompt(5)));
  fs.writeFileSync(path.join(folder, 'broken.json'), JSON.stringify(BROKEN, undefined, 2));
  const tasks = [task('cat', 'sd-box'), task('broken', 'busy-box')];
  fs.writeFileSync(path.join(folder, '.vscode', 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
  const saved = () => (fs.existsSync(path.join(folder, 'out')) ? fs.readdirSync(path.join(folder, 'out')).length : 0);
  try {
    await withScene({ furnish, signedInAs: 'demo', folder, startUpMs: 500 }, async ({ window, control }) => {
      await window.row(/\dm · A10G/).waitFor();
      await run(window, 'broken');
      await window.page.locator('[id="status.problems"][aria-label="Errors: 1"]').waitFor();
      await window.runCommand('Problems: Focus on Problems View');
      await window.page.locator('.markers-panel', { hasText: 'nowhere.safetensors' }).waitFor();

      await run(window, 'cat');
      const question = window.dialog('Start A10G on sd-box for as long as you use it?');
      await question.press('Start');
      await until('a session', () => control.bill().created === 1);
      await until('the picture', () => saved() === 1);
      const [started] = control
        .sessions()
        .filter(({ machineId }) => control.machines().find(({ id }) => id === machineId)?.name === 'sd-box');
      await until('its end', () => control.session(started?.id ?? '')?.endedAt !== null);
      await window.screenshot('dark-task');
      assert.equal(saved(), 1);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function run(window: Scene['window'], label: string): Promise<void> {
  await window.runCommand('Tasks: Run Task');
  await window.quickInput.waitFor();
  await window.page.keyboard.type(label);
  await window.choice(label).click();
}
