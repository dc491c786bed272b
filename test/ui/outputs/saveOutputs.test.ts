import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { Uri } from '../../fakes/vscode';
import { until } from '../../fakes/until';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { openFramed } from '../framedComfyUi';
import { startWithOutputs } from '../saving';
import { MINUTE, startWithSession } from '../start';

test('what the tab shows is saved along; a tab that was kept and not looked at since is named', async (t) => {
  const { world, target, ran, folder, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  world.editor.keptTabs.push({ viewType: 'comfydeploy.session' });
  await world.run('saveOutputs', target);
  assert.match(
    (await world.editor.message(/^Saved 1 file/)).text,
    / What its tab shows can't be saved until you look at/,
  );
  world.editor.keptTabs.pop();
  await openFramed(world, target);
  await world.run('saveOutputs', target);
  await world.editor.message(/^Saved 1 workflow to /);
  assert.equal(
    fs.readFileSync(path.join(folder() ?? '', 'canvas.workflow.json'), 'utf8'),
    stableWorkflow(defaultWorkflow),
  );
});

test('the folder is asked for once, and then remembered', async (t) => {
  const { world, target, ran, root, folder, saved } = await startWithOutputs(t);
  ran('a.png');
  const first = world.run('saveOutputs', target);
  const dialog = await world.editor.folderDialog();
  assert.deepEqual([dialog.options.canSelectFolders, dialog.options.canSelectFiles], [true, false]);
  dialog.choose(Uri.file(root));
  await first;
  assert.equal(world.editor.setting('comfydeploy.outputsFolder'), root);
  assert.deepEqual(saved(), ['a.png']);
  assert.match(path.basename(folder() ?? ''), /^2030-01-0[12] \d\d\.\d\d sd-box A10G [\w-]{8}$/);

  ran('b.png');
  await world.run('saveOutputs', target);
  assert.equal(world.editor.folderDialogs.length, 1);
  assert.deepEqual(saved(), ['a.png', 'b.png']);
});

test('walking away from the folder saves nothing', async (t) => {
  const { world, target, ran, saved } = await startWithOutputs(t);
  ran('a.png');
  const asked = world.run('saveOutputs', target);
  (await world.editor.folderDialog()).dismiss();
  await asked;
  assert.deepEqual([saved(), world.editor.messages], [[], []]);
});

test('a folder that is not on this computer is refused', async (t) => {
  const { world, target } = await startWithOutputs(t);
  const asked = world.run('saveOutputs', target);
  (await world.editor.folderDialog()).choose(Uri.parse('vscode-remote://box/home'));
  await asked;
  assert.equal(world.editor.setting('comfydeploy.outputsFolder'), '');
  await world.editor.message(/only be saved on this computer/);
});

test('a setting that is not an absolute path is reported, with a link to the settings', async (t) => {
  const { world, target } = await startWithOutputs(t);
  world.editor.configure('comfydeploy.outputsFolder', 'renders');
  await world.run('saveOutputs', target);
  const message = await world.editor.message(/must be an absolute path/);
  assert.deepEqual(message.buttons, ['Open Settings']);
});

test('a notice says what was saved, with a link to the folder', async (t) => {
  const { world, target, ran, folder, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png', 'b.png');
  await world.run('saveOutputs', target);
  const notice = await world.editor.message(/^Saved/);
  assert.equal(notice.text, `Saved 2 files (1 kB) to ${folder()}.`);
  assert.equal(notice.kind, 'information');
  notice.press('Open Folder');
  const shown = await until('the folder', () => world.editor.ran.find(({ id }) => id === 'revealFileInOS'));
  assert.equal((shown.args[0] as Uri).fsPath, folder());

  await world.run('saveOutputs', target);
  await world.editor.message(/^Nothing new in .* since the last time\. 2 files were already there/);
});

test('a session without outputs has nothing to save, and no folder is made', async (t) => {
  const { world, target, folder, useFolder } = await startWithOutputs(t);
  useFolder();
  await world.run('saveOutputs', target);
  const notice = await world.editor.message(/has no outputs/);
  assert.deepEqual([notice.buttons, folder()], [[], undefined]);
});

test('how far it has come is shown, in files and in bytes', async (t) => {
  const { world, target, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png', 'b.png');
  await world.run('saveOutputs', target);
  const progress = world.editor.progresses.find(({ title }) => title.startsWith('Saving'));
  assert.equal(progress?.title, 'Saving the outputs of sd-box (A10G)');
  assert.equal(progress.isCancellable, true);
  assert.equal(progress.steps.at(-1), '2 of 2 files, 1 kB of 1 kB');
});

test('stopping a save before anything was downloaded says that nothing was saved', async (t) => {
  const { world, target, comfyUi, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.stall('/history', 60_000);
  const saving = world.run('saveOutputs', target);
  (await world.editor.progress(/^Saving/)).cancel();
  await saving;
  assert.match(world.editor.statusMessages.at(-1) ?? '', /Saving was canceled\. Nothing was saved\.$/);
});

test('what was stopped says what is left, and goes on the next time', async (t) => {
  const { world, target, comfyUi, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png', 'b.png');
  comfyUi.stall('/view', 60_000);
  const saving = world.run('saveOutputs', target);
  const progress = await world.editor.progress(/^Saving/);
  await until('a request', () => comfyUi.requests.includes('HEAD /view'));
  progress.cancel();
  await saving;
  const notice = await world.editor.message(/Nothing was saved/);
  assert.equal(notice.text, 'Nothing was saved. 2 more files were not downloaded. Save again to continue.');
  assert.deepEqual(saved(), []);

  comfyUi.mend();
  await world.run('saveOutputs', target);
  assert.deepEqual(saved(), ['a.png', 'b.png']);
});

test('files that could not be saved are reported with the reason', async (t) => {
  const { world, target, comfyUi, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.recordRun({ '9': { images: [{ filename: 'gone\n.png', subfolder: '', type: 'output' }] } });
  await world.run('saveOutputs', target);
  const notice = await world.editor.message(/^Saved 1 file/);
  assert.equal(notice.kind, 'warning');
  assert.match(notice.text, / 1 of 2 files could not be saved: gone \.png\. It no longer exists in the session\.$/);
  assert.ok(world.editor.words.includes('Not saved: gone .png. It no longer exists in the session.'));
});

test('two savings of one session do not run at once', async (t) => {
  const { world, target, comfyUi, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.stall('/view', 60_000);
  const first = world.run('saveOutputs', target);
  const progress = await world.editor.progress(/^Saving/);
  await until('a request', () => comfyUi.requests.includes('HEAD /view'));
  await world.run('saveOutputs', target);
  await world.editor.message(/already being saved/);
  progress.cancel();
  await first;
});

test('a session that is starting has nothing to save yet', async (t) => {
  const { world, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  world.editor.configure('comfydeploy.outputsFolder', '/nowhere');
  await world.run('saveOutputs', target);
  await world.editor.message(/not ready yet/);
});

test('more time is offered when it does not suffice, and the saving goes on', async (t) => {
  const { world, id, target, comfyUi, ran, useFolder, saved } = await startWithOutputs(t, { minutesLeft: 2.5 });
  useFolder();
  ran('a.png', 'b.png', 'c.png', 'd.png');
  const big = { filename: 'e.bin', subfolder: '', type: 'output' } as const;
  comfyUi.putFile(big, new Uint8Array(2_000_000));
  comfyUi.recordRun({ '9': { images: [big] } });
  comfyUi.stall('/view', 300);
  const saving = world.run('saveOutputs', target);
  await until('the first files', () => world.editor.progresses.some(({ steps }) => steps.length > 0));
  const before = world.control.session(id)?.deadline ?? 0;
  await world.control.advance(20_000);
  const offer = await world.editor.message(/before all of its outputs are saved\. Saving takes about \d+ h .* more\.$/);
  offer.press('Extend 15 min');
  await until('more time', () => (world.control.session(id)?.deadline ?? 0) === before + 15 * MINUTE);
  await saving;
  assert.deepEqual(saved(), ['a.png', 'b.png', 'c.png', 'd.png', 'e.bin']);
  const offers = world.editor.messages.map(({ text }) => text).filter((text) => text.includes('before all of its'));
  assert.equal(new Set(offers.map((text) => text.split(',')[0])).size, offers.length, 'once for every end');
});

test('an unwritable folder is reported once when a session starts, with a link to the setting', async (t) => {
  const { world, root } = await startWithOutputs(t);
  const file = path.join(root, 'taken');
  fs.writeFileSync(file, 'a file');
  world.editor.configure('comfydeploy.outputsFolder', file);
  await world.advance(MINUTE);
  assert.equal(world.editor.messages.length, 0, 'nothing has started since');
  const [machine] = world.control.machines();
  const [mine] = world.control.sessions();
  await world.control.addSession({ machineId: machine!.id, userId: mine!.userId });
  await world.refresh();
  const notice = await world.editor.message(
    /^The outputs of your sessions can't be saved\. .+ a file is in the way\.$/,
  );
  assert.deepEqual([notice.kind, notice.buttons], ['warning', ['Open Settings']]);
  notice.press('Open Settings');
  await until('the setting', () => world.editor.ran.find(({ id }) => id === 'workbench.action.openSettings'));
  await world.advance(MINUTE);
  assert.equal(world.editor.messages.filter(({ text }) => text.includes("can't be saved")).length, 1);
});
