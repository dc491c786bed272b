import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import type { SessionRecord } from '../simulator/model';
import type { Simulator } from '../simulator/simulator';
import { assertAccessible } from './accessibility';
import type { Theme } from './harness';
import { withScene, type Scene } from './scene';

const THEMES: readonly Theme[] = ['dark', 'light', 'hc', 'hcLight'];
/** So that no notice covers the scene: the first of several warnings only colours the status bar. */
const COLOURED_ONLY = { 'comfydeploy.warnBeforeEnd': [15, 1] };
const README_SIZE = { width: 1200, height: 750 };

/** Pictures to look at, in test/e2e/screenshots; the README uses one of them. */
test('every scene can be seen in dark, light and high contrast', async () => {
  await withScene({ furnish, settings: COLOURED_ONLY }, async (scene) => {
    for (const theme of THEMES) {
      if (theme !== THEMES[0]) await scene.window.changeTheme(theme);
      await takePictures(scene, theme);
    }
  });
});

function furnish({ control }: Pick<Simulator, 'control'>): void {
  const add = (name: string, input = {}) => control.addMachine({ ...PERSON, name, ...input });
  control.set({ startUpMs: null, stopMs: 1_000 });
  add('flux-studio', { gpu: 'L4' });
  add('sd-box');
  add('video-lab', { gpu: 'H100' });
  add('upscale-next', { gpu: 'L40S', status: 'building' });
  add('attic', { type: 'classic', gpu: null });
}

async function takePictures(scene: Scene, theme: Theme): Promise<void> {
  const { window, control } = scene;
  const session = (minutesLeft: number, state: 'ready' | 'starting', name: string) => {
    const machineId = control.machines().find((machine) => machine.name === name)?.id ?? null;
    const minutesOld = state === 'ready' ? 20 : 0.5;
    return control.addSession({ machineId, state, minutesLeft, minutesOld, timeoutMinutes: 60 });
  };
  const ready = await session(40.5, 'ready', 'sd-box');
  const soon = await session(4.5, 'ready', 'flux-studio');
  const starting = await session(29.5, 'starting', 'video-lab');
  await signIn(scene, theme);
  await picturesOfTheTree(scene, theme);
  await picturesOfCreating(scene, theme);
  await picturesOfTabs(scene, theme, starting);
  await pictureOfTrouble(scene, theme, ready);
  await pictureForTheReadme(scene, theme, ready);
  await pictureOfNoNetwork(scene, theme);
  for (const { id } of [ready, soon, starting]) await control.endSession(id);
  await window.viewAction('Refresh');
  await window.webview().locator('#facts').getByText('Not saved').waitFor();
  await window.screenshot(`${theme}-over`);
  await assertAccessible(window.webview().locator('#notice'), `${theme}, over`);
  await window.runCommand('View: Close All Editors');
  await window.viewMenu('Sign Out');
  await window.welcome.waitFor();
}

async function signIn({ window, control }: Scene, theme: Theme): Promise<void> {
  const { welcome } = window;
  await welcome.getByText('See your machines').waitFor();
  await window.screenshot(`${theme}-welcome`);
  await welcome.getByRole('button', { name: 'Sign In' }).click();
  await window.choice('Paste an API Key').waitFor();
  await window.screenshot(`${theme}-sign-in`);
  await window.choose('Paste an API Key');
  await window.typeSecret(control.addKey({ ...PERSON, name: theme }));
  await window.row(/\dm · /).waitFor();
}

async function picturesOfTheTree({ window }: Scene, theme: Theme): Promise<void> {
  await window.screenshot(`${theme}-tree`);
  await window.hoverText(window.row(/\dm · A10G/));
  await window.screenshot(`${theme}-hover`);
}

async function picturesOfCreating({ window }: Scene, theme: Theme): Promise<void> {
  await window.viewAction('New Session');
  await window.choice('sd-box').waitFor();
  await window.screenshot(`${theme}-create-machine`);
  await window.choose('sd-box');
  await window.choice('B200').waitFor();
  await window.screenshot(`${theme}-create-gpu`);
  await window.choose('A10G');
  await window.choice('15 min').waitFor();
  await window.screenshot(`${theme}-create-length`);
  await window.page.keyboard.press('Escape');
}

async function picturesOfTabs({ window, control }: Scene, theme: Theme, starting: SessionRecord): Promise<void> {
  await window.row(/starting.*H100/).click();
  control.writeLog(starting.id, 'Warming up ComfyUI...');
  control.writeLog(starting.id, 'Device: cuda:0 : cudaMallocAsync');
  await window.webview().locator('#log').getByText('cuda:0').waitFor();
  await window.screenshot(`${theme}-starting`);
  await assertAccessible(window.webview().locator('#notice'), `${theme}, starting`);
  await window.runCommand('View: Close Editor');
  await window.row(/\dm · A10G/).click();
  await window.sessionPage().locator('textarea').first().waitFor();
  await window.screenshot(`${theme}-open`);
  await assertAccessible(window.webview().locator('#page'), `${theme}, open`);
  await window.tabAction('Extend Session');
  await window.choice('15 min more').waitFor();
  await window.screenshot(`${theme}-extend`);
  await window.page.keyboard.press('Escape');
}

async function pictureOfTrouble({ window, control }: Scene, theme: Theme, { id }: SessionRecord): Promise<void> {
  control.comfyUi(id)?.refuse(/^\/$/, 502);
  await window.runCommand('ComfyDeploy: Reload Session Page');
  await window.webview().getByRole('heading', { name: 'The page returned an error' }).waitFor();
  await window.screenshot(`${theme}-trouble`);
  await assertAccessible(window.webview().locator('#notice'), `${theme}, trouble`);
  control.comfyUi(id)?.mend();
  await window.webview().getByRole('button', { name: 'Try Again' }).click();
  await window.sessionPage().locator('textarea').first().waitFor();
}

async function pictureForTheReadme({ window, control }: Scene, theme: Theme, { id }: SessionRecord): Promise<void> {
  const { page } = window;
  const usual = page.viewportSize();
  await window.runCommand('Notifications: Clear All Notifications');
  await page.setViewportSize(README_SIZE);
  await window.sessionPage().getByRole('button', { name: 'Run' }).click();
  await window.sessionPage().locator('#status[data-state="busy"]').waitFor();
  await control.comfyUi(id)?.finishJob();
  await window.sessionPage().locator('#last').waitFor();
  await window.screenshot(`${theme}-readme`);
  if (usual) await page.setViewportSize(usual);
}

async function pictureOfNoNetwork({ window, control }: Scene, theme: Theme): Promise<void> {
  control.setOffline(true);
  await window.viewAction('Refresh');
  await window.viewMessage.getByText('could not be reached').waitFor();
  await window.screenshot(`${theme}-offline`);
  control.setOffline(false);
  await window.viewMessage.waitFor({ state: 'hidden' });
}
