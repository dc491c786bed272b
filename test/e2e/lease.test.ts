import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { eventually } from '../vscode/waiting';
import { until, untilRows, withScene, type Scene } from './scene';

const MINUTE = 60_000;
/** The length of a lease in this test, minutes: the shortest that the settings allow. */
const LEASE = 5;
/** What the window's idea of the server's time may be wrong by, minutes. */
const CLOCKS = 1 / 60;

test('a session on a lease is renewed while its page is worked in, and ends when it no longer is', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => void control.addMachine({ ...PERSON, name: 'sd-box' });
  const settings = { 'comfydeploy.lease.minutes': LEASE, 'comfydeploy.endWhenIdleAfter': 1 };
  await withScene({ furnish, settings, signedInAs: 'demo', startUpMs: 2_000 }, async (scene) => {
    await chooseTheLease(scene);
    await seeItRenewed(scene);
    await seeItEnd(scene);
    assert.equal(scene.control.bill().cancelled, 0);
  });
});

async function chooseTheLease({ window }: Scene): Promise<void> {
  await window.rowAction('sd-box', 'New Session');
  await window.choice('machine default').waitFor();
  await window.page.keyboard.press('Enter');
  await window.choice('As long as I use it').waitFor();
  await window.screenshot('lease-length');
  await window.page.keyboard.press('Enter');
  await window.tab('sd-box · A10G').waitFor();
  await window.sessionPage().locator('textarea').first().fill('a red fox in deep snow');
  await untilRows(window, [/^sd-box \dm .*on lease, renewed while used/]);
}

/** With a minute left it is in use, and a whole lease is left again. */
async function seeItRenewed({ window, control }: Scene): Promise<void> {
  await window.page.locator('.part.editor .editor-actions [aria-label^="Extend Session"]').first().waitFor(); // its tab is in front
  const [session] = control.sessions();
  assert.ok(session);
  control.setMinutesLeft(session.id, 1.2);
  await window.viewAction('Refresh');
  const left = () => ((control.session(session.id)?.deadline ?? 0) - control.now()) / MINUTE;
  await until('the session is renewed', () => left() > LEASE - 1.5);
  assert.ok(left() <= LEASE + CLOCKS, `${left()} min left, and no more than a lease`);
  await untilRows(window, [/^sd-box [34]m /]);
  assert.equal(await window.toasts.count(), 0, 'nothing is said of it');
  await window.screenshot('lease-renewed');
}

async function seeItEnd({ window, control }: Scene): Promise<void> {
  await window.runCommand('File: New Untitled Text File');
  const [session] = control.sessions();
  assert.ok(session);
  control.setMinutesLeft(session.id, 1.15); // the warning comes when the last minute begins
  await window.viewAction('Refresh');
  const notice = await window.notice('A10G on sd-box is not in use');
  assert.match(await notice.text(), /Its lease is not renewed, so it ends at/);
  await window.screenshot('dark-lease-unused');
  const isOver = await eventually(async () => (await window.rows())[0] === 'sd-box A10G', 120_000);
  assert.ok(isOver, 'the session has ended by itself');
}
