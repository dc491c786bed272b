import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { patient } from '../vscode/slowness';
import { until, withScene, type Scene } from './scene';

const MINUTES = { minutesLeft: 40, timeoutMinutes: 60 };
const PROMPT = 'a lighthouse at dusk';
/** A notice is due within three seconds, which other tests check; a busy machine may take longer to draw it. */
const NOTICE_MS = 60_000;

async function furnish({ control }: Pick<Scene, 'control'>): Promise<void> {
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  await control.addSession({ machineId, ...MINUTES });
}

test('a page that is refused, fails or is silent is explained, and can be opened elsewhere or again', async () => {
  await withScene({ furnish, signedInAs: 'demo' }, async (scene) => {
    await fail(scene);
    await stall(scene);
    await refuse(scene);
  });
});

test('a session works beside a file, and in a window of its own', async () => {
  await withScene({ furnish, signedInAs: 'demo' }, async (scene) => {
    await openBeside(scene);
    await moveIntoNewWindow(scene);
  });
});

function comfyUi({ control }: Scene) {
  const [session] = control.sessions();
  assert.ok(session?.url);
  const ui = control.comfyUi(session.id);
  assert.ok(ui);
  return { ui, address: session.url };
}

/** The notice that the tab shows over the page, within the time that a person would wait. */
async function notice({ window }: Scene, heading: string): Promise<void> {
  await window
    .webview()
    .getByRole('heading', { name: heading })
    .waitFor({ timeout: patient(NOTICE_MS) });
}

async function refuse(scene: Scene): Promise<void> {
  const { window } = scene;
  const { ui, address } = comfyUi(scene);
  ui.frameRefused(true);
  await window.runCommand('ComfyDeploy: Reload Session Page');
  await notice(scene, "The page can't be shown in a tab");
  await window.screenshot('dark-refused');

  const opened = window.page.context().waitForEvent('page');
  const button = window.webview().getByRole('button', { name: 'Open in Browser' });
  await until('the way on has the focus', () => button.evaluate((one) => one === document.activeElement));
  await window.page.keyboard.press('Enter');
  const browser = await opened;
  await browser.locator('textarea').first().waitFor();
  assert.ok(browser.url().includes(new URL(address).port));
  await browser.close();
}

async function fail(scene: Scene): Promise<void> {
  const { window } = scene;
  const { ui } = comfyUi(scene);
  ui.refuse(/^\/$/, 502);
  await window.row(/\d+m · /).click();
  await notice(scene, 'The page returned an error');
  await window.screenshot('dark-failing');
  ui.mend();
  await window.webview().getByRole('button', { name: 'Try Again' }).click();
  await window.sessionPage().locator('textarea').first().waitFor();
}

async function stall(scene: Scene): Promise<void> {
  const { window } = scene;
  const { ui } = comfyUi(scene);
  ui.stall(/^\/$/, 12_000);
  await window.runCommand('ComfyDeploy: Reload Session Page');
  await notice(scene, 'The page is not responding');
  await window.screenshot('dark-silent');
  ui.mend();
  await window.webview().locator('#notice').waitFor({ state: 'hidden' });
  await window.sessionPage().locator('textarea').first().waitFor();
}

async function openBeside(scene: Scene): Promise<void> {
  const { window } = scene;
  const { ui } = comfyUi(scene);
  await window.runCommand('File: New Untitled Text File');
  await window.rowMenu(/\d+m · /, 'Open Session to the Side');
  await window.sessionPage().locator('textarea').first().waitFor();
  await until('two groups', async () => (await window.page.locator('.editor-group-container').count()) === 2);
  await window.screenshot('dark-beside');

  await window.sessionPage().locator('textarea').first().fill(PROMPT);
  await window.runCommand('View: Move Editor into Left Group');
  await until('one group', async () => (await window.page.locator('.editor-group-container').count()) === 1);
  assert.equal(await window.sessionPage().locator('textarea').first().inputValue(), PROMPT);
  assert.equal(loads(ui.requests), 1, 'a move within the window keeps the page');
}

async function moveIntoNewWindow(scene: Scene): Promise<void> {
  const { window } = scene;
  const { ui } = comfyUi(scene);
  const opened = window.page.context().waitForEvent('page');
  await window.runCommand('View: Move Editor into New Window');
  const other = await opened;
  const webview = other.locator('iframe.webview:visible').first().contentFrame().frameLocator('iframe#active-frame');
  await webview.frameLocator('iframe#page').locator('textarea').first().waitFor();
  await webview.locator('#notice').waitFor({ state: 'hidden' });
  assert.equal(loads(ui.requests), 2, 'a move to another window loads the page anew');
}

const loads = (requests: readonly string[]): number => requests.filter((request) => request === 'GET /').length;
