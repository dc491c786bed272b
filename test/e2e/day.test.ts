import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import type { SessionRecord } from '../simulator/model';
import { Keyboard } from './keyboard';
import { until, untilRows, withScene, type Scene } from './scene';

interface Day extends Scene {
  readonly keys: Keyboard;
  readonly pointed: () => number;
}

const MINUTE = 60_000;
const PROMPT = 'a red fox in deep snow, morning light';

test('a day by keyboard alone: sign in, create, work, extend, reload, lose the network, end', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => {
    control.addMachine({ ...PERSON, name: 'sd-box' });
    control.addMachine({ ...PERSON, name: 'video-lab', gpu: 'H100' });
    control.set({ startUpMs: null });
  };
  await withScene({ furnish }, async (opened) => {
    const scene = { ...opened, keys: new Keyboard(opened.window), pointed: await pointing(opened) };
    await signInInTheBrowser(scene);
    await createThroughTheSteps(scene);
    await workAndLookAway(scene);
    await extendFromTabAndRow(scene);
    await reloadTheWindow(scene);
    await loseTheNetwork(scene);
    await endTheSession(scene);
    assert.equal(scene.pointed(), 0, 'no mouse was used');
    const { created, extended, timeoutFieldRaised, cancelled } = scene.control.bill();
    assert.deepEqual(
      { created, extended, timeoutFieldRaised, cancelled },
      { created: 1, extended: 2, timeoutFieldRaised: 0, cancelled: 1 },
    );
  });
});

async function signInInTheBrowser({ window, keys }: Day): Promise<void> {
  await window.welcome.getByText('See your machines').waitFor();
  await keys.command('ComfyDeploy: Sign In…');
  const opened = window.page.context().waitForEvent('page');
  await keys.choose('How do you want to sign in', 'browser', 'Sign In with Browser');
  const page = await opened;
  const accept = page.getByRole('button', { name: 'Accept' });
  await keys.tabTo(accept, () => page.keyboard.press('Tab'));
  await page.keyboard.press('Enter');
  await page.getByText('Access was granted').waitFor();
  await page.close();
  await untilRows(window, ['sd-box A10G', 'video-lab H100']);
  await until('no notice is left', async () => (await window.toasts.count()) === 0);
}

async function createThroughTheSteps({ window, keys, control }: Day): Promise<void> {
  await keys.command('ComfyDeploy: New Session…');
  await keys.choose('On which machine', 'sd-box', 'sd-box');
  await keys.choose('Which GPU', '', 'machine default');
  await window.choice('1 h').waitFor();
  assert.deepEqual(await window.choices(), [
    'As long as I use it renewed 15 min at a time, at most 4 h or about $4.86',
    '2 min about $0.05',
    '15 min about $0.31',
    '30 min about $0.61',
    '1 h about $1.22',
  ]);
  await keys.choose('For how long', '30', '30 min');
  const progress = await window.notice('Starting A10G on sd-box');
  await window.tab('sd-box · A10G').waitFor();
  const steps = window.webview().getByRole('heading', { name: 'Starting A10G on sd-box' });
  await steps.waitFor();
  await untilRows(window, [/^sd-box \d\dm · starting · A10G$/, 'video-lab H100']);
  await control.finishStartUp(onlySession(control).id);
  await progress.locator.waitFor({ state: 'detached' });
  await untilRows(window, [/^sd-box \d\dm · A10G · idle$/, 'video-lab H100']);
  // Now that it has a page it has outputs: its row stays the same and is collapsed.
  await window
    .row(/sd-box.*A10G/)
    .locator('.monaco-tl-twistie.collapsible.collapsed')
    .waitFor();
}

/** From inside the page, Tab leads out of it again. */
async function workAndLookAway({ window, keys, control }: Day): Promise<void> {
  const session = onlySession(control);
  const prompt = window.sessionPage().locator('textarea').first();
  await prompt.waitFor();
  await keys.openRow(/sd-box/, prompt);
  await keys.tabTo(prompt);
  await keys.press('ControlOrMeta+A');
  await keys.type(PROMPT);
  const edits = await window.sessionPage().locator('#edits').innerText();
  assert.match(edits, /^edits: [1-9]/);
  await leaveThePage(window, keys);
  await keys.command('Create: New File');
  await keys.choose('Select File Type', 'text', 'Text File');
  await prompt.waitFor({ state: 'hidden' });
  await keys.openRow(/sd-box/, prompt);
  assert.equal(await prompt.inputValue(), PROMPT);
  assert.equal(await window.sessionPage().locator('#edits').innerText(), edits);
  const loads = control.comfyUi(session.id)?.requests.filter((request) => request === 'GET /');
  assert.deepEqual(loads, ['GET /']);
}

async function leaveThePage(window: Scene['window'], keys: Keyboard): Promise<void> {
  const frame = window.webview().locator('iframe#page');
  for (let step = 0; step < 60; step++) {
    if (!(await frame.evaluate((one) => one === document.activeElement && document.hasFocus()))) return;
    await keys.press('Shift+Tab');
  }
  assert.fail('the focus never left the page');
}

async function extendFromTabAndRow({ window, keys, control }: Day): Promise<void> {
  const { deadline } = onlySession(control);
  await keys.command('ComfyDeploy: Extend Session…');
  await keys.choose('By how much', '', '15 min more');
  await untilDeadline(control, deadline, 15);
  await untilTimeLeft({ window, control });
  await keys.row(/sd-box/);
  await keys.press('ControlOrMeta+Alt+E');
  await keys.choose('By how much', '7', '7 min');
  await untilDeadline(control, deadline, 22);
  await untilTimeLeft({ window, control });
}

async function reloadTheWindow({ window, keys, control }: Day): Promise<void> {
  const loaded = window.page.waitForEvent('load');
  await keys.command('Developer: Reload Window');
  await loaded;
  await window.ready();
  await window.tab('sd-box · A10G').waitFor();
  await window.sessionPage().locator('#status').waitFor();
  await untilTimeLeft({ window, control });
  assert.equal(await window.welcome.isVisible(), false);
}

async function loseTheNetwork({ window, keys, control }: Day): Promise<void> {
  const rows = await window.rows();
  control.setOffline(true);
  await keys.command('ComfyDeploy: Refresh');
  await window.viewMessage.getByText(/Updated .* could not be reached\. .*(Retrying in|Retrying now)/).waitFor();
  assert.equal((await window.rows()).length, rows.length);
  assert.equal(await window.toasts.count(), 0, 'a failed refresh is no notice');
  control.setOffline(false);
  await window.viewMessage.waitFor({ state: 'hidden' });
  await untilTimeLeft({ window, control });
}

async function endTheSession({ window, keys, control }: Day): Promise<void> {
  control.set({ stopMs: 6_000 });
  await keys.row(/sd-box/);
  await keys.press('Delete');
  const question = window.dialog(/End the session on sd-box \(A10G\), \d+ min left\?/);
  assert.match(await question.text(), /Unsaved outputs and changes in ComfyUI will be lost/);
  await keys.press('Escape');
  await question.locator.waitFor({ state: 'detached' });
  await untilTimeLeft({ window, control });
  assert.equal(control.bill().cancelled, 0);

  await keys.row(/sd-box/);
  await keys.press('Delete');
  await question.waitFor();
  await keys.press('Enter');
  await untilRows(window, ['sd-box ending (still billing) · A10G', 'video-lab H100']);
  await untilRows(window, ['sd-box A10G', 'video-lab H100']);
  const page = window.webview();
  await page.getByRole('heading', { name: 'Session ended' }).waitFor();
  await page.locator('#facts').getByText('Not saved').waitFor();
  await keys.command('View: Focus Active Editor Group');
  await keys.tabTo(page.getByRole('button', { name: 'Show Last Page' }));
  await keys.press('Enter');
  await window.sessionPage().locator('textarea').first().waitFor();
  await page.locator('#notice').waitFor({ state: 'hidden' });
}

/** How often the mouse was used. */
async function pointing({ window }: Pick<Scene, 'window'>): Promise<() => number> {
  let count = 0;
  await window.page.exposeFunction('pointed', () => count++);
  await window.page.addInitScript("addEventListener('pointerdown', () => globalThis.pointed?.(), true)");
  await window.page.evaluate("addEventListener('pointerdown', () => globalThis.pointed?.(), true)");
  return () => count;
}

function onlySession(control: Scene['control']): SessionRecord {
  const [session, ...more] = control.sessions();
  assert.ok(session);
  assert.equal(more.length, 0);
  return session;
}

async function untilDeadline(control: Scene['control'], before: number | null, minutes: number): Promise<void> {
  assert.ok(before !== null);
  await until(`${minutes} minutes more`, () => onlySession(control).deadline === before + minutes * MINUTE);
}

/** Waits until the row shows the server's time left. */
async function untilTimeLeft({ window, control }: Pick<Scene, 'window' | 'control'>): Promise<void> {
  await until('the row shows the time that is left', async () => {
    const left = Math.floor(((onlySession(control).deadline ?? 0) - control.now()) / MINUTE);
    return (await window.rows()).some((row) => row.startsWith(`sd-box ${left}m · `));
  });
}
