import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Uri } from '../../fakes/vscode/values';
import { slow } from '../../fakes/prompts';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { startWithSession, type World } from '../start';

/** Shorter work shows no progress notification, ms. */
const A_MOMENT = 500;
const TITLE = /^cat on sd-box \(A10G\)$/;

/** A session with a ComfyUI, and a workflow file to queue in it. */
async function startWithFile(t: TestContext, prompt: unknown = slow(1)) {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  assert.ok(comfyUi);
  const text = JSON.stringify(prompt, undefined, 2);
  const uri = world.editor.files.write('cat.json', text);
  const queue = () => world.editor.run('comfydeploy.queueWorkflow', uri);
  const says = async (what: RegExp) => {
    await world.advance(A_MOMENT);
    await world.until(`it to say ${what.source}`, () =>
      world.editor.progresses.at(-1)?.steps.some((step) => what.test(step)),
    );
  };
  return { world, id, comfyUi, uri, text, queue, says };
}

/** Where problems are seen, as `3:5 message`; lines and columns as the editor numbers them. */
const problemsOf = ({ editor }: World) =>
  [...editor.problems.values()]
    .flat()
    .map(({ range: { start }, message }) => `${start.line + 1}:${start.character + 1} ${message}`);

test('a workflow is queued from its file, followed in a notification, and announced when it is done', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t, slow(1, { steps: 4, delay: 0.03 }));
  comfyUi.startJob({ seconds: 60 });
  comfyUi.startJob({ seconds: 60 });
  const queued = queue();
  await says(/^2 ahead of it$/);
  const progress = await world.editor.progress(TITLE);
  assert.equal(progress.isCancellable, true);
  const before: unknown = progress.done;
  assert.equal(before, undefined);
  await comfyUi.finishJob();
  await comfyUi.finishJob();
  const notice = await world.editor.message(/^cat is done: 1 output after \d+ s\.$/);
  await queued;
  assert.deepEqual([notice.kind, progress.isOver], ['information', true]);
  assert.ok(progress.steps.includes('Slow step, 50%'), progress.steps.join('\n'));
  const done = Number(progress.done);
  assert.ok(done > 60 && done <= 100, `${done}`);
  assert.deepEqual([...new Set(progress.steps)], progress.steps, 'nothing is said twice');
});

test('what is done can be opened, and saved to the workspace', async (t) => {
  const { world, queue } = await startWithFile(t);
  world.editor.workspaceFolders = [{ uri: Uri.parse('file:///workspace'), name: 'workspace', index: 0 }];
  await queue();
  const notice = await world.editor.message(/^cat is done/);
  assert.deepEqual(notice.buttons, ['Open', 'Save to Workspace…']);
  notice.press('Open');
  const opened = await world.until('the output', () => world.editor.ran.find(({ id }) => id === 'vscode.open'));
  assert.match(String(opened.args[0]), /^comfydeploy-output:.*run_00001_\.png/);
  await queue();
  (await world.editor.message(/^Nothing in cat has changed/)).press('Save to Workspace…');
  await world.editor.message(/^Saved run_00001_\.png\.$/);
});

test('the row of the session says at once that it renders', async (t) => {
  const { world, queue, says } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  void queue();
  await says(/Slow step/);
  await world.settled();
  assert.ok(
    world.rows.some((row) => /rendering/.test(row)),
    world.rows.join('\n'),
  );
});

test('what has not changed since it ran last says that nothing was rendered anew', async (t) => {
  const { world, queue } = await startWithFile(t);
  await queue();
  await queue();
  await world.editor.message(/^Nothing in cat has changed .* The last run has 1 output\.$/);
});

test('what ComfyUI refuses is marked where it stands, and shown', async (t) => {
  const prompt = slow(1);
  const narrow = { ...prompt['1'], inputs: { ...prompt['1'].inputs, width: -5 } };
  const { world, uri, queue } = await startWithFile(t, { ...prompt, '1': narrow });
  await queue();
  const notice = await world.editor.message(/^ComfyUI rejected cat\. EmptyImage \(node 1\): Value -5 smaller than/);
  assert.deepEqual(problemsOf(world), ['5:16 Value -5 smaller than min of 1.']);
  assert.deepEqual([notice.kind, notice.buttons], ['error', ['Show Problem']]);
  notice.press('Show Problem');
  const shown = await world.until('the file', () => world.editor.shownTexts[0]);
  assert.equal(shown.uri.toString(), uri.toString());
  assert.equal(shown.selection?.start.line, 4);
});

test('problems move with their text, are gone while it is mended, and leave with the file', async (t) => {
  const prompt = slow(1);
  const narrow = { ...prompt['1'], inputs: { ...prompt['1'].inputs, width: -5 } };
  const { world, uri, text, queue } = await startWithFile(t, { ...prompt, '1': narrow });
  const { texts } = world.editor;
  texts.open(uri, text);
  await queue();
  const typed = async (changed: string) => {
    texts.type(uri, changed);
    await world.settled();
    return problemsOf(world);
  };
  await world.editor.message(/^ComfyUI rejected cat/);
  const [where, message] = ['5:16', 'Value -5 smaller than min of 1.'];
  assert.deepEqual(problemsOf(world), [`${where} ${message}`]);
  assert.deepEqual(await typed(`\n\n${text}`), [`7:16 ${message}`]);
  assert.deepEqual(await typed(text.replace('-5', '64')), []);
  assert.deepEqual(await typed(text), [`${where} ${message}`], 'undone');
  assert.deepEqual(await typed(text.slice(0, -3)), [`${where} ${message}`], 'in the middle of typing');
  texts.close(uri);
  assert.deepEqual(problemsOf(world), []);
});

test('a file that is queued again has no problems until it is answered', async (t) => {
  const { world, comfyUi, queue } = await startWithFile(t, slow(1, { failAt: 1 }));
  await queue();
  await world.editor.message(/^cat failed in ProbeSlow \(node 2\): failed on purpose at step 1\.$/);
  assert.deepEqual(problemsOf(world), ['11:3 failed on purpose at step 1.']);
  comfyUi.stall('/prompt', 60_000);
  void queue();
  await world.until('the second request', () => comfyUi.requests.filter((one) => one === 'POST /prompt').length === 2);
  await world.control.advance(A_MOMENT);
  await world.until('the other one', () => world.editor.progresses.filter(({ isOver }) => !isOver).length > 0);
  assert.deepEqual(problemsOf(world), []);
});

test('problems of a file that holds the graph, too, are seen in its prompt', async (t) => {
  for (const key of ['prompt', 'output']) {
    const { world, queue } = await startWithFile(t, { workflow: defaultWorkflow, [key]: slow(1, { failAt: 0 }) });
    await queue();
    const [problem] = await world.until('a problem', () => problemsOf(world).length > 0 && problemsOf(world));
    assert.match(problem ?? '', /^\d+:5 failed on purpose at step 0\.$/);
    world.editor.problems.clear();
  }
});

test('outputs that are left out are reported and marked while the rest renders', async (t) => {
  const { world, queue } = await startWithFile(t, {
    ...slow(1),
    '4': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
  });
  await queue();
  const warning = await world.editor.message(
    /^Part of cat was left out\. SaveImage \(node 4\): Required input is missing\.$/,
  );
  assert.equal(warning.kind, 'warning');
  assert.equal(problemsOf(world).length, 1);
  await world.editor.message(/^cat is done: 1 output/);
});

test('what waits is taken back, and nothing else is touched', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t);
  comfyUi.startJob({ seconds: 60 });
  const queued = queue();
  await says(/^1 ahead of it$/);
  (await world.editor.progress(TITLE)).cancel();
  await queued;
  await world.editor.message(/^cat was removed from the queue before it started\.$/);
  assert.equal(comfyUi.queueRemaining, 1);
});

test('what runs is stopped', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.02 }));
  const queued = queue();
  await says(/Slow step/);
  (await world.editor.progress(TITLE)).cancel();
  await queued;
  await world.editor.message(/^cat was stopped\.$/);
  assert.equal(comfyUi.queueRemaining, 0);
});

test('what cannot be stopped is said, and followed to its end', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t, slow(1, { steps: 40, delay: 0.02 }));
  comfyUi.refuse('/interrupt', 502);
  const queued = queue();
  await says(/Slow step/);
  (await world.editor.progress(TITLE)).cancel();
  await world.editor.message(/server error \(502\)/);
  await queued;
  await world.editor.message(/^cat finished before it could be stopped: 1 output/);
});

test('the notification ends with the session', async (t) => {
  const { world, id, queue, says } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  const queued = queue();
  await says(/Slow step/);
  await world.control.endSession(id);
  await world.refresh();
  await queued;
  const notice = await world.editor.message(/^The session sd-box \(A10G\) ended before cat was done\.$/);
  assert.deepEqual([notice.kind, world.editor.progresses.every(({ isOver }) => isOver)], ['warning', true]);
});

test('several render at the same time, each in its own notification', async (t) => {
  const { world, queue } = await startWithFile(t);
  const other = world.editor.files.write('dog.json', JSON.stringify(slow(2)));
  const both = [queue(), world.editor.run('comfydeploy.queueWorkflow', other)];
  await Promise.all(both);
  await world.editor.message(/^cat is done/);
  await world.editor.message(/^dog is done/);
});

test('without a socket the end is noticed all the same', async (t) => {
  const { world, comfyUi, queue } = await startWithFile(t);
  comfyUi.refuse('/ws', 502);
  const queued = queue();
  await world.until('it to run', () => comfyUi.queueRemaining === 1);
  await world.until('its end', () => comfyUi.queueRemaining === 0);
  await world.settled();
  await world.advance(5_000);
  await world.finish(queued);
  await world.editor.message(/^cat is done: 1 output/);
});

test('closing the window lets go of what is followed', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  const queued = queue();
  await says(/Slow step/);
  const before = world.editor.messages.length;
  world.dispose();
  await queued;
  await world.until('the end of the connection', () => comfyUi.openSockets === 0);
  assert.equal(world.editor.messages.length, before);
});

test('what is no node stays in the file and out of the queue, and that is said', async (t) => {
  const { world, queue } = await startWithFile(t, { _comment: 'mine', ...slow(1), version: 2 });
  await queue();
  const said = await world.editor.message(/^Queued cat without “_comment” and 1 more/);
  assert.match(said.text, /, which aren't nodes for ComfyUI\. The file was not changed\.$/);
  await world.editor.message(/^cat is done/);
});

test('what was queued is followed on after the window is loaded anew, and nothing is queued twice', async (t) => {
  const { world, comfyUi, uri, text, queue } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  comfyUi.startJob({ seconds: 60 });
  void queue();
  await world.until('the post', () => comfyUi.queueRemaining === 2);
  await world.settled();
  await world.reopen();
  world.editor.files.write('cat.json', text);
  await world.advance(A_MOMENT);
  const progress = await world.editor.progress(TITLE);
  assert.equal(comfyUi.queueRemaining, 2);
  await comfyUi.finishJob();
  await comfyUi.finishJob();
  await world.advance(A_MOMENT);
  await world.until('the end', () => progress.isOver || undefined);
  await world.editor.message(/^cat is done: 1 output after/);
  await world.reopen();
  await world.advance(A_MOMENT);
  assert.deepEqual([world.editor.progresses.length, world.editor.messages.length], [0, 0], 'what is over is over');
  assert.ok(uri);
});

test('a session that ended while the window was closed is announced if something was queued in it', async (t) => {
  const { world, id, comfyUi, queue } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  void queue();
  await world.until('the post', () => comfyUi.queueRemaining === 1);
  await world.settled();
  world.dispose();
  await world.control.endSession(id);
  await world.advance(3_600_000);
  await world.reopen();
  await world.settled();
  await world.editor.message(/^The session that cat was queued in ended before it was done\.$/);
});

test('while nobody knows whether it was queued, that is what is said, and then what came of it, by its name', async (t) => {
  const { world, comfyUi, queue, says } = await startWithFile(t);
  comfyUi.refuse('/prompt', 500);
  const queued = queue();
  await says(/^asking whether it was queued$/);
  const progress = await world.editor.progress(TITLE);
  assert.deepEqual(progress.steps, ['asking whether it was queued']);
  await world.advance(30_000);
  await world.finish(queued);
  const told = world.editor.messages.at(-1);
  assert.match(
    told?.text ?? '',
    /^Queueing cat: The session's ComfyUI had a server error \(500\)\. The workflow is not in its queue\.$/,
  );
});
