import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { scopeOfKey } from '../../../src/accounts/keyRing';
import { AnnouncedRuns } from '../../../src/workflows/announcedRuns';
import { memoryFiles } from '../../fakes/memoryFiles';
import { slow } from '../../fakes/prompts';
import { sessionId } from '../../fakes/setup';
import { openFramed } from '../framedComfyUi';
import { startWithOutputs } from '../saving';
import { MINUTE } from '../start';

const WHEN = 'comfydeploy.notifyWhenDone';
const SECOND = 1_000;

async function startRendering(t: TestContext, when: 'never' | 'whenAway' | 'always' = 'whenAway') {
  const parts = await startWithOutputs(t, { minutesLeft: 90 });
  const { world, comfyUi } = parts;
  world.editor.configure(WHEN, when);
  await world.advance(MINUTE);
  const leave = () => {
    world.editor.state = { focused: false, active: false };
    world.editor.windowChanged.fire(world.editor.state);
  };
  /** A run of the page that takes so long. */
  const render = async (ms = 40 * SECOND, clientId = 'page') => {
    comfyUi.startJob({ seconds: 3_600, clientId });
    await world.advance(ms);
    await comfyUi.finishJob();
    await world.advance(MINUTE);
  };
  const texts = () => world.editor.messages.map(({ text }) => text);
  return { ...parts, leave, render, texts };
}

test('an absent user gets a notice of what a run of the page made, how long it took and what it cost', async (t) => {
  const { world, leave, render, texts } = await startRendering(t);
  leave();
  await render(40 * SECOND);
  assert.deepEqual(texts(), ['A10G on sd-box rendered ComfyUI_00001_.png (40 s, about $0.02).']);
  const [shown] = world.editor.messages;
  assert.deepEqual(shown!.buttons, ['Open', 'Save', 'Always Save']);
  shown!.press('Open');
  await world.until('it is opened', () => world.editor.ran.some(({ id }) => id.startsWith('vscode.open')));

  await world.reopen();
  leave();
  await world.advance(2 * MINUTE);
  assert.deepEqual(texts(), [], 'another window does not tell it again');
  await render(65 * SECOND);
  assert.match(texts().join('\n'), /^A10G on sd-box rendered ComfyUI_00002_\.png \(1 min 05 s, about \$0\.03\)\.$/);
  assert.deepEqual(world.editor.messages[0]!.buttons, ['Open', 'Save'], 'it is offered once');
});

test('who takes the offer has all outputs saved from then on', async (t) => {
  const { world, leave, render, saved, useFolder } = await startRendering(t);
  useFolder();
  leave();
  await render();
  world.editor.messages[0]!.press('Always Save');
  await world.until('it is set', () => world.editor.setting('comfydeploy.saveOutputs') === 'asTheyFinish');
  await render();
  await world.until('both are saved', () => saved().filter((name) => name.endsWith('.png')).length === 2);
  assert.deepEqual(world.editor.messages.at(-1)!.buttons, ['Open'], 'there is nothing to be saved by hand');
});

test('a user who looks at the page gets no notice unless they want it, nor is a short run announced', async (t) => {
  const { world, target, leave, render, texts } = await startRendering(t);
  await openFramed(world, target);
  await render();
  assert.deepEqual(texts(), []);
  world.editor.configure(WHEN, 'always');
  await render(5 * SECOND);
  assert.equal(texts().length, 1);
  world.editor.configure(WHEN, 'whenAway');
  leave();
  await render(5 * SECOND);
  assert.equal(texts().length, 1);
  world.editor.configure(WHEN, 'never');
  await render();
  assert.equal(texts().length, 1);
});

test('runs in a row share one notice, and a failure is announced at once, with its node', async (t) => {
  const { world, comfyUi, leave, texts } = await startRendering(t);
  leave();
  for (let n = 0; n < 5; n++) comfyUi.startJob({ seconds: 3_600, clientId: 'page' });
  const step = async (end: () => Promise<void>) => {
    await world.advance(40 * SECOND);
    await end();
    await world.advance(20 * SECOND);
  };
  await step(() => comfyUi.finishJob());
  await step(() => comfyUi.finishJob());
  assert.deepEqual(texts(), [], 'the rest is waited for');
  await step(() => comfyUi.failJob('3'));
  assert.match(texts()[0] ?? '', /^A run on A10G on sd-box failed in \w+ \(node 3\): Allocation on device\.?$/);
  await step(() => comfyUi.finishJob());
  await step(() => comfyUi.finishJob());
  await world.advance(MINUTE);
  assert.equal(texts().length, 2);
  assert.match(texts()[1] ?? '', /^A10G on sd-box finished 4 runs: 4 outputs \(\d min \d\d s, about \$0\.\d\d\)\.$/);
});

test('runs that a window of ours has queued are announced by that window alone', async (t) => {
  const { world, texts } = await startRendering(t, 'always');
  const uri = world.editor.files.write('cat.json', JSON.stringify(slow(1)));
  await world.editor.run('comfydeploy.queueWorkflow', uri);
  await world.editor.message(/^cat is done/);
  await world.advance(2 * MINUTE);
  assert.equal(texts().length, 1);
});

test('a run that another editor has announced is not announced again', async (t) => {
  const { world, id, comfyUi, leave, render, texts } = await startRendering(t);
  const common = (world.common = memoryFiles());
  await world.reopen();
  leave();
  await world.advance(MINUTE);
  const shown = new AnnouncedRuns(() =>
    Promise.resolve(common(`runs-${scopeOfKey({ server: world.apiUrl, token: world.keys.mine })}`)),
  );
  const run = comfyUi.startJob({ seconds: 3_600, clientId: 'page' });
  await world.advance(40 * SECOND);
  await shown.claim(sessionId(id), [run]);
  await comfyUi.finishJob();
  await world.advance(MINUTE);
  assert.deepEqual(texts(), []);
  await render();
  assert.equal(texts().length, 1);
});
