import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { startWithOutputs } from '../saving';
import { MINUTE, start } from '../start';

const WHEN = 'comfydeploy.saveOutputs';
const HALF = MINUTE / 2;

async function startSaving(t: TestContext, when: string) {
  const parts = await startWithOutputs(t, { minutesLeft: 60 });
  const { world, comfyUi, saved, useFolder, folder } = parts;
  useFolder();
  world.editor.configure(WHEN, when);
  /** A render of half a minute, and half a minute after it. */
  const render = async () => {
    comfyUi.startJob({ seconds: 3_600 });
    await world.advance(HALF);
    await comfyUi.finishJob();
    await world.advance(HALF);
  };
  const written = () => fs.readFileSync(path.join(folder() ?? '', '.comfydeploy-saved.jsonl'), 'utf8').split('\n');
  /** How many files were written completely. */
  const wholes = () => written().filter((line) => line.includes('"isWhole":true')).length;
  const until = (what: string, isSo: () => boolean) => world.until(what, isSo);
  return { ...parts, render, saved, wholes, until };
}

test('outputs are saved as soon as a run has finished, each once and with its workflow, and the tree marks them', async (t) => {
  const { world, render, saved, wholes, until, comfyUi } = await startSaving(t, 'asTheyFinish');
  world.view.expand(world.node('sd-box'));
  world.nodes();
  await render();
  await until('the first is saved', () => saved().length === 2 && wholes() === 1);
  const [file = '', workflow = ''] = saved();
  assert.deepEqual([path.extname(file), workflow], ['.png', `${path.parse(file).name}.workflow.json`]);
  await world.advance(HALF);
  await until('it is marked', () => /^\S+\.png: .* · saved$/.test(world.rows.at(-1) ?? ''));

  const heads = () => comfyUi.requests.filter((one) => one === 'HEAD /view').length;
  const before = heads();
  await render();
  await until('the second is saved, too', () => saved().length === 4 && wholes() === 2);
  await world.advance(3 * MINUTE);
  assert.equal(wholes(), 2, 'the first is not saved once more');
  assert.equal(heads() - before, 1, 'nor looked at');
  assert.equal(
    world.editor.messages.some(({ text }) => text.includes('saved')),
    false,
    'nothing is said of it',
  );
});

for (const when of ['off', 'atEnd'])
  test(`nothing is saved after a run where outputs are saved ${when === 'off' ? 'by hand' : 'at the end'}`, async (t) => {
    const { world, render, folder } = await startSaving(t, when);
    await render();
    await world.advance(MINUTE);
    assert.equal(folder(), undefined);
  });

test('files that cannot be saved are reported once, and retried until they can', async (t) => {
  const { world, render, saved, until, comfyUi } = await startSaving(t, 'asTheyFinish');
  comfyUi.refuse('/view', 503);
  await render();
  const notices = () =>
    world.editor.messages.filter(({ text }) =>
      text.startsWith('Saving the outputs of sd-box (A10G) failed and will be tried again. '),
    );
  await world.advance(2 * MINUTE);
  assert.equal(notices().length, 1);
  await world.advance(3 * MINUTE);
  assert.deepEqual([notices().length, saved().filter((name) => name.endsWith('.png'))], [1, []]);
  comfyUi.mend();
  await world.advance(6 * MINUTE); // the longest pause between two tries, and one more minute
  await until('it is saved', () => saved().some((name) => name.endsWith('.png')));
});

test('saving by hand waits for what is being saved unasked', async (t) => {
  const { world, render, saved, until, target } = await startSaving(t, 'asTheyFinish');
  const held: (() => void)[] = [];
  world.before = (_, path) => (path === '/view' ? new Promise((resolve) => void held.push(resolve)) : undefined);
  await render();
  await until('it is being saved', () => held.length > 0);
  const byHand = world.run('saveOutputs', target);
  await world.editor.progress(/^Saving the outputs of /);
  assert.deepEqual(world.editor.messages, []);
  world.before = () => undefined;
  for (const release of held) release();
  await world.advance(MINUTE);
  await world.finish(byHand);
  await world.editor.message(/^Nothing new in .* since the last time\. 1 file was/);
  assert.equal(saved().length, 2);
});

test('the setting of an older version is carried over, and the old one is removed', async (t) => {
  const world = await start(t, { window: ({ editor }) => editor.configure('comfydeploy.saveBeforeEnd', true) });
  await world.until('it is carried over', () => world.editor.settings.get(WHEN) === 'atEnd');
  assert.equal(world.editor.settings.get('comfydeploy.saveBeforeEnd'), undefined);
  const other = await start(t, {
    window: ({ editor }) => {
      editor.configure('comfydeploy.saveBeforeEnd', true);
      editor.configure(WHEN, 'asTheyFinish');
    },
  });
  await other.until('it is no more', () => other.editor.settings.get('comfydeploy.saveBeforeEnd') === undefined);
  assert.equal(other.editor.settings.get(WHEN), 'asTheyFinish');
});
