import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEMBER, PERSON } from '../simulator/demoWorld';
import { untilRows, withScene, type Scene } from './scene';

test('a pasted key, no machines, a revoked key, a wrong address and a closed account: the view says what to do', async () => {
  await withScene({}, async (scene) => {
    await mendTheAddress(scene);
    const key = scene.control.addKey({ ...PERSON, name: 'first' });
    await pasteKey(scene, 'not-a-key', key);
    await scene.window.welcome.getByText('You have no machines yet').waitFor();
    scene.control.addMachine({ ...PERSON, name: 'sd-box' });
    await scene.window.viewAction('Refresh');
    await untilRows(scene.window, ['sd-box A10G']);

    await loseTheKey(scene, key);
    await changeTheServer(scene);
    await beShutOut(scene);
    assert.equal(scene.control.bill().created, 0);
  });
});

async function mendTheAddress({ window, simulator }: Scene): Promise<void> {
  await window.changeSettings({ 'comfydeploy.apiUrl': 'api.comfydeploy.com' });
  await window.welcome.getByText("address of the ComfyDeploy server can't be used").waitFor();
  await window.welcome.getByRole('button', { name: 'Open Settings' }).click();
  await window.tab('Settings').waitFor();
  await window.page.locator('.settings-editor').getByText('Address of the ComfyDeploy API').waitFor();
  await window.changeSettings({ 'comfydeploy.apiUrl': simulator.apiUrl });
}

async function pasteKey({ window }: Scene, wrong: string, right: string): Promise<void> {
  await window.welcome.getByRole('button', { name: 'Sign In' }).click();
  await window.choose('Paste an API Key');
  await window.typeSecret(wrong);
  await window.page.locator('.quick-input-message', { hasText: 'rejected this key' }).waitFor();
  await window.typeSecret(right);
  await window.quickInput.waitFor({ state: 'hidden' });
}

/** The server refuses the key again and again; the extension reports it once. */
async function loseTheKey({ window, control }: Scene, key: string): Promise<void> {
  control.revokeKey(key);
  await window.viewAction('Refresh');
  await window.welcome.getByText('Your key is no longer valid').waitFor();
  assert.deepEqual(await window.rows(), []);
  assert.equal(await window.toasts.count(), 0);
  assert.equal(await window.statusItem('sd-box').isVisible(), false);

  await window.welcome.getByRole('button', { name: 'Sign In Again' }).click();
  await window.choose('Paste an API Key');
  await window.typeSecret(control.addKey({ ...PERSON, name: 'second' }));
  await untilRows(window, ['sd-box A10G']);
}

async function changeTheServer({ window, simulator }: Scene): Promise<void> {
  await window.changeSettings({ 'comfydeploy.apiUrl': 'api.comfydeploy.com' });
  await window.viewMessage.getByText('The address in comfydeploy.apiUrl is not a web address').waitFor();
  await untilRows(window, [/^Demo Person .* no sessions$/]); // the account is guarded all the same
  await window.changeSettings({ 'comfydeploy.apiUrl': simulator.apiUrl });
  await untilRows(window, ['sd-box A10G']); // the key that was kept for this server is used again
  await window.viewMessage.waitFor({ state: 'hidden' }); // the rows of last time are gone
}

async function beShutOut({ window, control }: Scene): Promise<void> {
  const detail = 'This account is suspended.';
  control.fault({ path: '/api/machines/all', effect: { kind: 'answer', status: 403, body: { detail } } });
  await window.viewAction('Refresh');
  await window.viewMessage.getByText(detail).waitFor();
  await untilRows(window, ['sd-box A10G']);

  // A new account without known data: the key is accepted, then one list is refused, and the reason is shown.
  control.clearFaults();
  control.fault({ path: '/api/sessions', effect: { kind: 'answer', status: 403, body: { detail } } });
  await window.viewMenu('Sign Out');
  await window.welcome.getByRole('button', { name: 'Sign In' }).click();
  await window.choose('Paste an API Key');
  await window.typeSecret(control.addKey({ ...MEMBER, name: 'third' }));
  await window.viewMessage.getByText(detail).waitFor();
  control.clearFaults();
  control.addMachine({ ...MEMBER, name: 'team-box' });
  await window.viewAction('Refresh');
  await untilRows(window, ['team-box A10G']);
}
