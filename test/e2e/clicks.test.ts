import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { defaultPrompt } from '../simulator/comfyui/page/defaultGraph';
import { plain } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { PERSON } from '../simulator/demoWorld';
import { untilRows, withScene, type Scene } from './scene';

/** As docs/sessions.md has them. */
const EXPECTED = {
  'sign in': 3,
  'start a session': 3,
  'open it': 1,
  'extend it': 2,
  'extend it from a notice': 1,
  'see its last output': 2,
  'queue a file that is open': 1,
  'end it': 2,
};

test('what is done every day takes as few clicks as the documentation says', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workspace-'));
  fs.writeFileSync(path.join(folder, 'fox.json'), JSON.stringify(defaultPrompt(5)));
  const furnish = ({ control }: Pick<Scene, 'control'>) => void control.addMachine({ ...PERSON, name: 'sd-box' });
  try {
    await withScene({ furnish, folder, startUpMs: 500 }, async (scene) => {
      assert.deepEqual(await countedDay(scene), EXPECTED);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function countedDay(scene: Scene): Promise<Readonly<Record<string, number>>> {
  const { window, control } = scene;
  const clicks = await counter(scene);
  const counts: Record<string, number> = {};
  const counted = async (what: string, act: () => Promise<unknown>) => {
    const before = clicks();
    await act();
    counts[what] = clicks() - before;
  };
  await counted('sign in', () => signIn(scene));
  await counted('start a session', async () => {
    await window.rowAction('sd-box', 'New Session');
    await window.choose('machine default');
    await window.choose('30 min');
  });
  await window.sessionPage().locator('textarea').first().waitFor();
  await window.runCommand('View: Close Editor');
  await counted('open it', () => window.row(/sd-box.*A10G/).click());
  await window.sessionPage().locator('textarea').first().waitFor();
  await counted('extend it', async () => {
    await window.rowAction('sd-box', 'Extend Session');
    await window.choose('15 min more');
  });
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'late-box' });
  const late = await control.addSession({ machineId, minutesLeft: 4.5 });
  await window.runCommand('ComfyDeploy: Refresh');
  const notice = await window.notice('A10G on late-box ends at');
  await counted('extend it from a notice', () => notice.press('Extend 15 min'));
  await window.row(/late-box.*1\dm/).waitFor();
  await control.endSession(late.id);
  await window.runCommand('ComfyDeploy: Refresh');
  await window.row(/late-box.*m · /).waitFor({ state: 'hidden' });
  const comfyUi = control.comfyUi(control.sessions()[0]?.id ?? '');
  const file = { filename: 'fox_00001_.png', subfolder: '', type: 'output' } as const;
  comfyUi?.putFile(file, encodePng(plain(8, 8, 0xff_00_00)));
  comfyUi?.recordRun({ '9': { images: [file] } });
  await counted('see its last output', async () => {
    await window
      .row(/sd-box.*A10G/)
      .locator('.monaco-tl-twistie')
      .click();
    await window.row('fox_00001_.png').click();
  });
  await window.tab('fox_00001_.png').waitFor();
  await window.runCommand('Explorer: Focus on Folders View');
  await window.row('fox.json').dblclick();
  await counted('queue a file that is open', () => window.tabAction('Queue Workflow in Session'));
  await window.notice(/fox.* is done/);
  await window.runCommand('ComfyDeploy: Focus on Sessions View');
  await counted('end it', async () => {
    await window.rowAction(/sd-box.*A10G/, 'End Session');
    await window.dialog('End the session on sd-box').press('End Session');
  });
  await window.tab('sd-box · A10G').click();
  // One more click starts the same again; it is made in the tab's own document, where clicks are not counted.
  await window.webview().getByRole('button', { name: 'Start Again' }).click();
  await window.row(/sd-box.*m · /).waitFor();
  return counts;
}

async function signIn({ window }: Scene): Promise<void> {
  await window.welcome.getByRole('button', { name: 'Sign In' }).click();
  const opened = window.page.context().waitForEvent('page');
  await window.choose('Sign In with Browser');
  const page = await opened;
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Access was granted').waitFor();
  await page.close();
  await untilRows(window, ['sd-box A10G']);
}

/** How often a mouse button was pressed, in any window or page. */
async function counter({ window }: Scene): Promise<() => number> {
  let count = 0;
  const context = window.page.context();
  const script = "addEventListener('pointerdown', () => globalThis.pressed?.(), true)";
  await context.exposeFunction('pressed', () => count++);
  await context.addInitScript(script);
  await window.page.evaluate(script);
  return () => count;
}
