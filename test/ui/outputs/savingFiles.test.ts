import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import type { OutputFile } from '../../../src/comfyui/outputs';
import { sleep } from '../../../src/platform/clock';
import { OutputFiles } from '../../../src/outputs/ui/outputFiles';
import { sessionId } from '../../fakes/setup';
import { ManualClock } from '../../fakes/manualClock';
import { Uri } from '../../fakes/vscode';
import { openEditor } from '../../fakes/vscode/editor';

const ID = sessionId('one');
const WORKSPACE = 'file:///workspace';
const SLOW_MS = 5_000;

const output = (filename: string, subfolder = ''): OutputFile => ({ filename, subfolder, type: 'output' });

/** A window with a folder open. Outputs contain their own names; `gone` cannot be loaded, `slow` takes a while. */
function startSaving(folder: string | undefined = WORKSPACE) {
  const editor = openEditor();
  if (folder !== '') editor.workspaceFolders = [{ uri: Uri.parse(folder), name: 'workspace', index: 0 }];
  const clock = new ManualClock();
  const read = async ({ filename, subfolder }: OutputFile) => {
    if (filename === 'gone.png') throw new ApiError('missing', 'It is gone.');
    if (filename === 'slow.png') await sleep(clock, SLOW_MS);
    return new TextEncoder().encode(`${subfolder}/${filename}`);
  };
  const files = new OutputFiles({
    outputs: {
      onDidRewrite: () => ({ dispose: () => undefined }),
      placeOf: () => 'sd-box L4',
      bytes: { read: (_, file) => read(file), sizeOf: async (_, file) => (await read(file)).length },
    },
    clock,
    report: (error) => assert.fail(String(error)),
  });
  const there = (name: string) => editor.written.set(`${WORKSPACE}/${name}`, 'mine');
  const written = (): Readonly<Record<string, string>> =>
    Object.fromEntries([...editor.written].map(([uri, text]) => [uri.split('/').pop() ?? '', text] as const));
  return { clock, editor, files, there, written };
}

test('files land in the first folder of the workspace, each under a name of its own', async () => {
  const { editor, files, written } = startSaving();
  await files.saveOutputFiles(ID, [output('a.png'), output('a.png', 'deep'), output('b:c.png')]);
  assert.deepEqual(written(), { 'a.png': '/a.png', 'a (2).png': 'deep/a.png', 'b_c.png': '/b:c.png' });
  const notice = await editor.message(/^Saved 3 files\.$/);
  notice.press('Show in Explorer');
  await Promise.resolve();
  assert.deepEqual(editor.progresses, [], 'nothing flashes up');
});

test('what a tool could run or obey in the folder that is open lands in one of its own', async () => {
  const { editor, files } = startSaving();
  const names = ['a.png', 'eslint.config.js', 'package.json', 'Makefile', 'conftest.py', 'a.mp4'];
  await files.saveOutputFiles(ID, [...names.map((name) => output(name)), output('.vscode/settings.json')]);
  assert.deepEqual(
    [...editor.written.keys()].map((uri) => decodeURIComponent(uri.slice(WORKSPACE.length + 1))),
    [
      'a.png',
      ...['eslint.config.js', 'package.json', 'Makefile', 'conftest.py'].map((name) => `ComfyUI outputs/${name}`),
      'a.mp4',
      'ComfyUI outputs/_.vscode_settings.json',
    ],
  );
});

test('saving that takes long says how far it is', async () => {
  const { clock, editor, files } = startSaving();
  const saving = files.saveOutputFiles(ID, [output('a.png'), output('slow.png'), output('c.png')]);
  await clock.advance(SLOW_MS);
  await saving;
  assert.deepEqual(editor.progresses.at(-1)?.steps, ['1 of 3', '2 of 3']);
});

test('what is there already is replaced only if the user says so', async () => {
  for (const answer of ['Replace', 'Keep Both', undefined] as const) {
    const { editor, files, there, written } = startSaving();
    there('a.png');
    const saving = files.saveOutputFiles(ID, [output('a.png'), output('b.png')]);
    const question = await editor.message(/^a\.png already exists\.$/);
    assert.deepEqual([question.options.modal, question.buttons], [true, ['Keep Both', 'Replace']]);
    if (answer === undefined) question.dismiss();
    else question.press(answer);
    await saving;
    const expected = {
      Replace: { 'a.png': '/a.png', 'b.png': '/b.png' },
      'Keep Both': { 'a.png': 'mine', 'a (2).png': '/a.png', 'b.png': '/b.png' },
      none: { 'a.png': 'mine' },
    };
    assert.deepEqual(written(), expected[answer ?? 'none']);
  }
});

test('one file is named as it was saved', async () => {
  const { editor, files, there } = startSaving();
  there('a.png');
  const saving = files.saveOutputFiles(ID, [output('a.png')]);
  (await editor.message(/already exists/)).press('Keep Both');
  await saving;
  assert.equal(editor.messages.at(-1)?.text, 'Saved a (2).png.');
});

test('without a workspace the user is asked where: for one file its name, for several a folder', async () => {
  const one = startSaving('');
  const saving = one.files.saveOutputFiles(ID, [output('a.png')]);
  (await one.editor.saveDialog()).choose(Uri.parse('file:///else/x.png'));
  await saving;
  assert.deepEqual(one.written(), { 'x.png': '/a.png' });

  const several = startSaving('');
  const savingAll = several.files.saveOutputFiles(ID, [output('a.png'), output('b.png')]);
  (await several.editor.folderDialog()).choose(Uri.parse('file:///else'));
  await savingAll;
  assert.deepEqual(several.written(), { 'a.png': '/a.png', 'b.png': '/b.png' });

  const none = startSaving('');
  const savingNone = none.files.saveOutputFiles(ID, [output('a.png'), output('b.png')]);
  (await none.editor.folderDialog()).dismiss();
  await savingNone;
  assert.deepEqual([none.written(), none.editor.messages.length], [{}, 0]);
});

test('files that cannot be downloaded are reported, and the others are saved', async () => {
  const { files, written } = startSaving();
  const saving = files.saveOutputFiles(ID, [output('a.png'), output('gone.png'), output('b.png')]);
  await assert.rejects(saving, { kind: 'missing', message: '1 of 3 files could not be saved. It is gone.' });
  assert.deepEqual(written(), { 'a.png': '/a.png', 'b.png': '/b.png' });
  await assert.rejects(files.saveOutputFiles(ID, [output('gone.png')]), { message: 'It is gone.' });
});

test('nothing to save asks nothing', async () => {
  const { editor, files } = startSaving('');
  await files.saveOutputFiles(ID, []);
  assert.deepEqual([editor.folderDialogs, editor.messages], [[], []]);
});
