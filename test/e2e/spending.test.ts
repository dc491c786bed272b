import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { assertAccessible } from './accessibility';
import type { Theme } from './harness';
import { until, withScene, type Scene } from './scene';

const THEMES: readonly Theme[] = ['dark', 'light', 'hc', 'hcLight'];

test('what was spent is seen at a glance, sorted, filtered and opened, in every theme', async () => {
  const furnish = async ({ control }: Pick<Scene, 'control'>) => {
    const machines = [
      ['sd-box', 'A10G', 50],
      ['flux <b>studio</b>', 'H100', 30],
      ['video-lab', 'L4', 90],
    ] as const;
    for (const [name, gpu, minutesOld] of machines) {
      const { id: machineId } = control.addMachine({ ...PERSON, name, gpu });
      await control.addSession({ machineId, minutesLeft: 40.5, minutesOld, timeoutMinutes: 200 });
    }
  };
  const settings = { 'comfydeploy.maxCostPerDay': 20, 'comfydeploy.warnBeforeEnd': [15, 1] };
  await withScene({ furnish, settings, signedInAs: 'demo' }, async (scene) => {
    const { window, control } = scene;
    await window.row(/\dm · H100/).waitFor();
    for (const { id } of control.sessions().slice(0, 2)) await control.endSession(id);
    await window.viewAction('Refresh');
    await window.runCommand('ComfyDeploy: Show Spending');
    const page = window.webview();
    await until('two are over', async () => (await page.getByText('ended elsewhere').count()) === 2);
    await arrange(scene);
    for (const theme of THEMES) {
      if (theme !== THEMES[0]) {
        await window.changeTheme(theme);
        await window.runCommand('ComfyDeploy: Show Spending');
        await page.getByText('ended elsewhere').first().waitFor();
      }
      await window.screenshot(`${theme}-spending`);
      await assertAccessible(page.locator('main'), `${theme}, spending`);
    }
    await page.getByRole('row').filter({ hasText: 'flux' }).click();
    await page.getByRole('heading', { name: 'Session ended' }).waitFor();
  });
});

/** With the keyboard; the arrangement outlasts another tab in front. */
async function arrange({ window }: Scene): Promise<void> {
  const page = window.webview();
  const machines = async () => (await page.locator('tbody tr:visible td:nth-child(2)').allInnerTexts()).join();
  await page.getByRole('button', { name: 'Cost' }).focus();
  await window.page.keyboard.press('Enter');
  assert.equal(await machines(), 'flux <b>studio</b>,video-lab,sd-box');
  await window.page.keyboard.press('Enter');
  assert.equal(await machines(), 'sd-box,video-lab,flux <b>studio</b>');
  assert.equal(await page.getByRole('columnheader', { name: 'Cost' }).getAttribute('aria-sort'), 'ascending');
  await page.getByRole('searchbox', { name: 'Filter' }).fill('O');
  assert.equal(await machines(), 'sd-box,video-lab,flux <b>studio</b>');
  await page.getByRole('searchbox', { name: 'Filter' }).fill('Studio');
  assert.equal(await machines(), 'flux <b>studio</b>');
  await window.runCommand('Preferences: Open User Settings (JSON)');
  await window.tab('ComfyDeploy Spending').click();
  await until('the same arrangement', async () => (await machines()) === 'flux <b>studio</b>');
  await page.getByRole('searchbox', { name: 'Filter' }).fill('');
}
