import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { until, untilRows, withScene, type Scene } from './scene';

const REASON = 'RuntimeError: CUDA driver initialization failed';

test('a start that fails says why in its tab; started again, it can be given up and costs nothing more', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => {
    control.addMachine({ ...PERSON, name: 'sd-box' });
    control.set({ startUpMs: null });
  };
  await withScene({ furnish, signedInAs: 'demo' }, async (scene) => {
    await startFromTheRow(scene);
    await watchItFail(scene);
    await startAgainAndGiveUp(scene);
    const { created, cancelled, sessions } = scene.control.bill();
    assert.deepEqual({ created, cancelled }, { created: 2, cancelled: 1 });
    assert.ok(sessions.every(({ open }) => !open));
  });
});

async function startFromTheRow({ window, control }: Scene): Promise<void> {
  await window.rowAction('sd-box', 'New Session');
  await window.choice('machine default').waitFor();
  await window.choose('T4');
  await window.choice('15 min').waitFor();
  await window.page.keyboard.press('Enter');
  await window.notice('Starting T4 on sd-box');
  await window.webview().getByRole('heading', { name: 'Starting T4 on sd-box' }).waitFor();
  await window.webview().locator('#steps').getByText('Getting a GPU').waitFor();
  const [session] = control.sessions();
  assert.ok(session);
  control.writeLog(session.id, 'Warming up ComfyUI...');
  await window.webview().locator('#log').getByText('Warming up ComfyUI').waitFor();
  control.failStartUp(session.id, REASON);
}

async function watchItFail({ window }: Scene): Promise<void> {
  await window.webview().getByRole('heading', { name: 'Session failed to start' }).waitFor();
  await window.webview().locator('#detail').getByText(REASON).waitFor();
  const notice = await window.notice('sd-box (T4) failed to start');
  assert.match(await notice.text(), new RegExp(REASON));
  assert.equal(await window.toasts.count(), 1);
  await untilRows(window, ['sd-box A10G']);
}

async function startAgainAndGiveUp({ window, control }: Scene): Promise<void> {
  await window.webview().getByRole('button', { name: 'Start Again' }).click();
  const progress = await window.notice('Starting T4 on sd-box');
  await untilRows(window, [/^sd-box 1[45]m · starting · T4 · on lease, renewed while used$/]);
  await progress.press('Cancel');
  await until('the session is ended', () => control.bill().cancelled === 1);
  await window.webview().getByRole('heading', { name: 'Start canceled' }).waitFor();
  await untilRows(window, ['sd-box A10G']);
}
