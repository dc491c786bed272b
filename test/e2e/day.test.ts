import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import type { SessionRecord } from '../simulator/model';
import { until, untilRows, withScene, type Scene } from './scene';

const MINUTE = 60_000;
const PROMPT = 'a red fox in deep snow, morning light';

test('a day with sessions: sign in, create, work, extend, reload, lose the network, end', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => {
    control.addMachine({ ...PERSON, name: 'sd-box' });
    control.addMachine({ ...PERSON, name: 'video-lab', gpu: 'H100' });
  };
  await withScene({ furnish, startUpMs: 5_000 }, async (scene) => {
    await signInInTheBrowser(scene);
    await createThroughTheSteps(scene);
    await workAndLookAway(scene);
    await extendFromTabAndRow(scene);
    await reloadTheWindow(scene);
    await loseTheNetwork(scene);
    await endTheSession(scene);
    const { created, extended, timeoutFieldRaised, cancelled } = scene.control.bill();
    assert.deepEqual(
      { created, extended, timeoutFieldRaised, cancelled },
      { created: 1, extended: 2, timeoutFieldRaised: 0, cancelled: 1 },
    );
  });
});

async function signInInTheBrowser({ window }: Scene): Promise<void> {
  await window.welcome.getByText('See your machines').waitFor();
  await window.welcome.getByRole('button', { name: 'Sign In' }).click();
  const opened = window.page.context().waitForEvent('page');
  await window.choose('Sign In with Browser');
  const page = await opened;
  await window.notice('Waiting for you to accept');
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Access was granted').waitFor();
  await page.close();
  await untilRows(window, ['sd-box A10G', 'video-lab H100']);
  await until('no notice is left', async () => (await window.toasts.count()) === 0);
}

async function createThroughTheSteps({ window }: Scene): Promise<void> {
  await window.viewAction('New Session');
  await window.choose('video-lab');
  await window.choice('B200').waitFor();
  await window.page.locator('.quick-input-titlebar').getByRole('button', { name: 'Back' }).click();
  await window.choose('sd-box');
  await window.choice('machine default').waitFor();
  await window.page.keyboard.press('Enter');
  await window.choice('1 h').waitFor();
  assert.deepEqual(await window.choices(), [
    'As long as I use it renewed 15 min at a time, at most 4 h or about $4.86',
    '2 min about $0.05',
    '15 min about $0.31',
    '30 min about $0.61',
    '1 h about $1.22',
  ]);
  await window.choose('30 min');
  const progress = await window.notice('Starting A10G on sd-box');
  await untilRows(window, [/^sd-box (29|30)m · starting · A10G$/, 'video-lab H100']);
  await window.tab('sd-box · A10G').waitFor();
  await progress.locator.waitFor({ state: 'detached' });
  await untilRows(window, [/^sd-box 29m · A10G · idle$/, 'video-lab H100']);
  // Now that it has a page it has outputs: it stays the row it was, and closed.
  await window
    .row(/sd-box.*A10G/)
    .locator('.monaco-tl-twistie.collapsible.collapsed')
    .waitFor();
}

async function workAndLookAway({ window, control }: Scene): Promise<void> {
  const session = onlySession(control);
  const prompt = window.sessionPage().locator('textarea').first();
  await prompt.fill(PROMPT);
  const edits = await window.sessionPage().locator('#edits').innerText();
  assert.match(edits, /^edits: [1-9]/);
  await window.runCommand('File: New Untitled Text File');
  await prompt.waitFor({ state: 'hidden' });
  await window.tab('sd-box · A10G').click();
  await prompt.waitFor();
  assert.equal(await prompt.inputValue(), PROMPT);
  assert.equal(await window.sessionPage().locator('#edits').innerText(), edits);
  const loads = control.comfyUi(session.id)?.requests.filter((request) => request === 'GET /');
  assert.deepEqual(loads, ['GET /']);
}

async function extendFromTabAndRow({ window, control }: Scene): Promise<void> {
  const { deadline } = onlySession(control);
  await window.tabAction('Extend Session');
  await window.choose('15 min more');
  await untilDeadline(control, deadline, 15);
  await untilTimeLeft({ window, control });
  await window.rowAction('sd-box', 'Extend Session');
  await window.type('Extend sd-box', '7');
  await untilDeadline(control, deadline, 22);
  await untilTimeLeft({ window, control });
}

async function reloadTheWindow({ window, control }: Scene): Promise<void> {
  await window.reload();
  await window.tab('sd-box · A10G').waitFor();
  await window.sessionPage().locator('#status').waitFor();
  await untilTimeLeft({ window, control });
  assert.equal(await window.welcome.isVisible(), false);
}

async function loseTheNetwork({ window, control }: Scene): Promise<void> {
  const rows = await window.rows();
  control.setOffline(true);
  await window.viewAction('Refresh');
  await window.viewMessage.getByText(/Updated .* could not be reached\. .*(Retrying in|Retrying now)/).waitFor();
  assert.equal((await window.rows()).length, rows.length);
  assert.equal(await window.toasts.count(), 0, 'a failed refresh is no notice');
  control.setOffline(false);
  await window.viewMessage.waitFor({ state: 'hidden' });
  await untilTimeLeft({ window, control });
}

async function endTheSession({ window, control }: Scene): Promise<void> {
  control.set({ stopMs: 6_000 });
  await window.rowAction('sd-box', 'End Session');
  const question = window.dialog(/End the session on sd-box \(A10G\), \d+ min left\?/);
  assert.match(await question.text(), /Unsaved outputs and changes in ComfyUI will be lost/);
  await question.press('Cancel');
  await untilTimeLeft({ window, control });
  assert.equal(control.bill().cancelled, 0);

  await window.rowAction('sd-box', 'End Session');
  await question.press('End Session');
  await untilRows(window, ['sd-box ending (still billing) · A10G', 'video-lab H100']);
  await untilRows(window, ['sd-box A10G', 'video-lab H100']);
  await window.webview().getByRole('heading', { name: 'Session ended' }).waitFor();
  await window.webview().getByRole('button', { name: 'Start Again' }).waitFor();
  await window.webview().getByRole('button', { name: 'Show Last Page' }).click();
  await window.sessionPage().locator('textarea').first().waitFor();
  await window.webview().locator('#notice').waitFor({ state: 'hidden' });
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

/** The row says what the server would. */
async function untilTimeLeft({ window, control }: Pick<Scene, 'window' | 'control'>): Promise<void> {
  await until('the row shows the time that is left', async () => {
    const left = Math.floor(((onlySession(control).deadline ?? 0) - control.now()) / MINUTE);
    return (await window.rows()).some((row) => row.startsWith(`sd-box ${left}m · `));
  });
}
