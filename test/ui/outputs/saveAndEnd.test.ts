import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { wantsText } from '../../../src/guardian/wants';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import { USUAL_SETTINGS } from '../../fakes/guardSettings';
import { until } from '../../fakes/until';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { openFramed } from '../framedComfyUi';
import { startWithOutputs } from '../saving';
import { MINUTE } from '../start';

test('a session is ended only when its outputs are saved, after one question', async (t) => {
  const { world, id, target, ran, root, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  const ended = world.run('saveAndEndSession', target);
  const question = await world.editor.message(/^Save the outputs of/);
  assert.equal(question.text, 'Save the outputs of sd-box (A10G), 20 min left, and end it?');
  assert.ok(question.options.modal && question.options.detail?.includes(root));
  assert.deepEqual([question.buttons, saved()], [['Save and End'], []]);
  question.press('Save and End');
  await world.editor.progress(/^Ending/);
  assert.deepEqual(saved(), ['a.png']);
  await world.advance(10_000);
  await world.finish(ended);
  assert.ok(world.control.session(id)?.endedAt);
  assert.match((await world.editor.message(/^Saved 1 file/)).text, /The session has ended\.$/);
});

test('walking away from the question ends nothing and saves nothing', async (t) => {
  const { world, target, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  const asked = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).dismiss();
  await asked;
  assert.deepEqual([saved(), world.control.bill().cancelled], [[], 0]);
});

test('stopping the saving keeps the session', async (t) => {
  const { world, target, comfyUi, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.stall('/view', 60_000);
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).press('Save and End');
  const progress = await world.editor.progress(/^Saving/);
  await until('a request', () => comfyUi.requests.includes('HEAD /view'));
  progress.cancel();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('a session whose outputs are not all saved ends only if the user says so', async (t) => {
  for (const answer of ['End Anyway', undefined]) {
    const { world, target, comfyUi, ran, saved, folder, useFolder } = await startWithOutputs(t);
    useFolder();
    ran('a.png', 'b.png');
    comfyUi.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
    const ended = world.run('saveAndEndSession', target);
    (await world.editor.message(/^Save the outputs of/)).press('Save and End');
    const question = await world.editor.message(/^End sd-box \(A10G\) anyway\?/);
    const detailShown = `Saved 2 files (1 kB) to ${folder()}. 1 of 3 files could not be saved: gone.png. It no longer exists in the session.`;
    assert.equal(question.options.detail, detailShown);
    const progress = world.editor.progresses.find(({ title }) => title.startsWith('Saving'));
    assert.equal(progress?.steps.at(-1), '2 of 3 files, 1 kB of 1 kB, 1 could not be saved');
    assert.equal(world.control.bill().cancelled, 0);
    if (answer === undefined) question.dismiss();
    else question.press(answer);
    if (answer !== undefined) await world.editor.progress(/^Ending/);
    await world.advance(10_000);
    await world.finish(ended);
    assert.deepEqual([world.control.bill().cancelled, saved()], [answer === undefined ? 0 : 1, ['a.png', 'b.png']]);
  }
});

test('a session that cannot be asked for its outputs is not ended', async (t) => {
  const { world, target, comfyUi, useFolder } = await startWithOutputs(t);
  useFolder();
  comfyUi.refuse('/history', 404);
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).press('Save and End');
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
  assert.equal(world.editor.messages.at(-1)?.kind, 'error');
});

test('a running render is mentioned first, and waited for if the user wants that', async (t) => {
  const { world, target, comfyUi, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  comfyUi.startJob({ seconds: 600 });
  comfyUi.startJob({ seconds: 600 });
  const ended = world.run('saveAndEndSession', target);
  const question = await world.editor.message(/is rendering/);
  assert.equal(question.text, 'sd-box (A10G) is rendering, 1 queued.');
  assert.deepEqual(question.buttons, ['Wait, Then Save and End', 'Save and End Now']);
  question.press('Wait, Then Save and End');
  const progress = await world.editor.progress(/^Waiting for the renders/);
  await until('what is waited for', () => progress.steps.length > 0);
  assert.deepEqual([progress.steps, saved(), world.control.bill().cancelled], [['rendering, 1 queued'], [], 0]);

  await comfyUi.finishJob();
  await comfyUi.finishJob();
  await world.advance(5_000); // to the next look at the queue: by any more the end might be over before it is seen
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.deepEqual(
    saved().map((name) => name.replace(/^.*_0/, '0')),
    ['00001_.png', '00001_.workflow.json', '00002_.png'],
  );
  assert.equal(world.control.bill().cancelled, 1);
});

test('giving up the wait ends nothing', async (t) => {
  const { world, target, comfyUi, useFolder } = await startWithOutputs(t);
  useFolder();
  comfyUi.startJob({ seconds: 600 });
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/is rendering/)).press('Wait, Then Save and End');
  (await world.editor.progress(/^Waiting for the renders/)).cancel();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('a render that must not be waited for is lost, knowingly', async (t) => {
  const { world, target, comfyUi, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.startJob({ seconds: 600 });
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/is rendering/)).press('Save and End Now');
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png'], 1]);
});

test('the notice of the end saves and ends without another question', async (t) => {
  const { world, ran, saved, useFolder } = await startWithOutputs(t, { minutesLeft: 5.5 });
  useFolder();
  ran('a.png');
  await world.advance(MINUTE);
  const notice = await world.editor.message(/ends at/);
  assert.deepEqual(notice.buttons, ['Extend 15 min', 'Extend 1 h', 'Save and End', 'Mute', 'Dismiss']);
  notice.press('Save and End');
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await until('the end', () => world.control.bill().cancelled === 1);
  assert.deepEqual(saved(), ['a.png']);
});

test('where it is wanted, outputs are saved by themselves three minutes before the end, once', async (t) => {
  const { world, ran, saved, folder, useFolder } = await startWithOutputs(t, { minutesLeft: 4.5 });
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  await world.advance(MINUTE);
  assert.deepEqual(saved(), []);
  await world.advance(MINUTE);
  const notice = await world.editor.message(/^Before the end of sd-box \(A10G\): Saved 1 file/);
  assert.deepEqual([notice.buttons, saved()], [['Open Folder'], ['a.png']]);
  assert.ok(fs.existsSync(folder() ?? ''));
  await world.advance(MINUTE);
  assert.equal(world.editor.messages.filter(({ text }) => text.startsWith('Before the end')).length, 1);
  assert.equal(world.control.bill().cancelled, 0);
});

/** Waits for files that are being written. */
async function whole(saved: () => readonly string[], names: readonly string[]): Promise<void> {
  await until(names.join(), () => saved().join() === names.join());
}

/** A session that has been idle for five minutes, after which it ends. */
async function startIdle(t: TestContext, isSaved: boolean) {
  const started = await startWithOutputs(t, { minutesLeft: 60 });
  started.useFolder();
  started.world.editor.configure('comfydeploy.saveOutputs', isSaved ? 'atEnd' : 'off');
  started.ran('a.png');
  const asked = started.world.run('endWhenIdle', started.target);
  (await started.world.editor.pick(/After how many idle minutes/)).choose('After 5 min');
  await asked;
  const isBilled = () => started.world.control.bill().sessions[0]?.open;
  /** Files do not arrive until this is called. */
  let arrive: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  started.world.before = (method, path) => (method === 'GET' && path.endsWith('/view') ? arrival : undefined);
  return { ...started, isBilled, arrive: () => arrive() };
}

test('an end by itself is preceded by a saving where that is wanted, and waits for it', async (t) => {
  const { world, saved, isBilled, arrive } = await startIdle(t, true);
  await world.advance(5 * MINUTE + 5_000);
  const notice = await world.editor.message(/ends automatically at/);
  assert.match(
    notice.text,
    / If its outputs are still being saved then, it ends once they are saved, at .+ at the latest\.$/,
  );
  await world.advance(70_000);
  assert.equal(isBilled(), true);
  assert.match(world.rows[0] ?? '', /^sd-box: ending once saved/);
  assert.match(world.status.text, /ending once saved$/);

  arrive();
  await world.advance(40_000);
  await world.editor.message(/^Before the end of sd-box \(A10G\): Saved 1 file/);
  await world.advance(10_000);
  assert.deepEqual([isBilled(), saved()], [false, ['a.png']]);
  assert.equal(world.editor.messages.filter(({ text }) => /ends automatically|Before the end/.test(text)).length, 2);
});

test('an automatic end waits while saving fails, is announced as waiting, and happens once everything is saved', async (t) => {
  const { world, comfyUi, saved, isBilled, arrive } = await startIdle(t, true);
  arrive();
  comfyUi.refuse('/history', 404);
  await world.advance(5 * MINUTE + 5_000);
  await world.editor.message(/failed and will be tried again/);
  const { text } = await world.editor.message(/has not ended yet/);
  assert.match(text, /^sd-box \(A10G\) has not ended yet because .+ until \d\d:\d\d.*; then it ends without them\.$/);
  await world.advance(3 * MINUTE);
  assert.deepEqual([isBilled(), saved()], [true, []]);

  comfyUi.mend();
  await world.advance(20_000);
  await whole(saved, ['a.png']);
  await world.advance(20_000);
  assert.equal(isBilled(), false);
  assert.equal(
    world.editor.messages.filter(({ text: one }) => /will be tried again|not ended yet/.test(one)).length,
    2,
  );
});

test('a saving that fails for good does not keep an idle session for ever', async (t) => {
  const { world, comfyUi, isBilled } = await startIdle(t, true);
  comfyUi.refuse('/history', 404);
  await world.advance(5 * MINUTE + 5_000);
  await world.editor.message(/has not ended yet/);
  await world.advance(14 * MINUTE);
  assert.equal(isBilled(), true);
  await world.advance(3 * MINUTE);
  assert.equal(isBilled(), false);
});

test('a file that is gone for good does not keep an idle session', async (t) => {
  const { world, comfyUi, isBilled, arrive } = await startIdle(t, true);
  arrive();
  comfyUi.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
  await world.advance(10 * MINUTE + 5_000);
  await world.editor.message(/1 of 2 files could not be saved: gone\.png/);
  await world.advance(70_000);
  assert.equal(isBilled(), false);
});

test('an idle session is not kept for its outputs above a spending limit, and that is said', async (t) => {
  const { world, comfyUi, isBilled } = await startIdle(t, true);
  comfyUi.refuse('/history', 404);
  world.editor.configure('comfydeploy.maxCostPerSession', 0.0001);
  await world.advance(5 * MINUTE + 5_000);
  await world.editor.message(/ends although not all of its outputs are saved/);
  await world.advance(70_000);
  assert.equal(isBilled(), false);
});

test('what finishes after the one saving before an end is saved, too', async (t) => {
  const { world, ran, saved, useFolder } = await startWithOutputs(t, { minutesLeft: 3.5 });
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  await world.advance(MINUTE);
  await whole(saved, ['a.png']);
  ran('b.png');
  await world.advance(15_000);
  await whole(saved, ['a.png', 'b.png']);
  await world.advance(100_000);
  ran('c.png');
  await world.advance(10_000);
  await whole(saved, ['a.png', 'b.png', 'c.png']);
});

test('what finishes while it is asked about is saved before the end', async (t) => {
  const { world, target, comfyUi, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  comfyUi.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).press('Save and End');
  const question = await world.editor.message(/anyway\?/);
  ran('b.png');
  question.press('End Anyway');
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png', 'b.png'], 1]);
  assert.match((await world.editor.message(/^Saved 2 files/)).text, /The session has ended/);
});

test('an end by hand is preceded by a saving where that is wanted before every end, and says so', async (t) => {
  const { world, target, ran, root, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End /);
  assert.ok(question.options.detail?.startsWith(`Outputs are saved to ${root} first. `), question.options.detail);
  question.press('End Session');
  await world.editor.progress(/^Ending/);
  assert.deepEqual(saved(), ['a.png']);
  await world.advance(10_000);
  await world.finish(ended);
  assert.equal(world.control.bill().cancelled, 1);
});

test('an end of all by hand saves first, too, and asks about what could not be saved', async (t) => {
  for (const answer of ['End Anyway', undefined]) {
    const { world, comfyUi, ran, saved, useFolder } = await startWithOutputs(t);
    useFolder();
    world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
    ran('a.png');
    comfyUi.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
    const ended = world.run('cancelAllSessions');
    (await world.editor.message(/^End /)).press('End Session');
    const question = await world.editor.message(/anyway\?/);
    assert.match(question.options.detail ?? '', /1 of 2 files could not be saved: gone\.png\./);
    if (answer === undefined) question.dismiss();
    else question.press(answer);
    await world.advance(10_000);
    await world.finish(ended);
    assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png'], answer === undefined ? 0 : 1]);
  }
});

/** A manual end whose saving waits at the first file until released. */
async function startHeldEnd(t: TestContext) {
  const started = await startWithOutputs(t);
  const { world, target, ran, useFolder } = started;
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  let looks = 0;
  world.before = (method, url) => (method === 'HEAD' && url.endsWith('/view') && looks++ === 0 ? held : undefined);
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End /);
  question.press('End Session');
  await until('a look at the file', () => looks > 0);
  const asked = () => world.editor.messages.filter(({ text }) => /^End /.test(text));
  const again = () => until('the question again', () => asked()[1]);
  return { ...started, ended, again, go: () => go() };
}

test('a render that began while the outputs were saved is not ended without another question', async (t) => {
  const { world, comfyUi, ended, again, go } = await startHeldEnd(t);
  comfyUi.startJob({ seconds: 600 });
  go();
  const question = await again();
  assert.deepEqual(question.buttons, ['End When Queue Is Empty', 'End Now', 'Extend 15 min']);
  assert.match(question.options.detail ?? '', /^It is rendering/);
  question.dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('a session is not ended for a yes of minutes ago, as after a closed lid', async (t) => {
  const { world, ended, again, go } = await startHeldEnd(t);
  await world.advance(3 * MINUTE);
  go();
  const question = await again();
  assert.equal(world.control.bill().cancelled, 0);
  question.press('End Session');
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.equal(world.control.bill().cancelled, 1);
});

/** "Save and end" whose first file waits until released. */
async function startHeldSaveAndEnd(t: TestContext) {
  const started = await startWithOutputs(t);
  const { world, target, ran, useFolder } = started;
  useFolder();
  ran('a.png');
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  let looks = 0;
  world.before = (method, url) => (method === 'HEAD' && url.endsWith('/view') && looks++ === 0 ? held : undefined);
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).press('Save and End');
  await until('a look at the file', () => looks > 0);
  return { ...started, ended, go: () => go() };
}

for (const clock of ['wall', 'steady', undefined] as const)
  test(`Save and End asks again when its saving took longer than a yes is good for${clock ? `, by the ${clock} clock alone` : ''}`, async (t) => {
    const { world, saved, ended, go } = await startHeldSaveAndEnd(t);
    if (clock) world.sleep(3 * MINUTE, clock);
    else await world.advance(3 * MINUTE);
    go();
    const question = await world.editor.message(/^End the session on/);
    assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png'], 0]);
    question.press('End Session');
    await world.editor.progress(/^Ending/);
    await world.advance(10_000);
    await world.finish(ended);
    assert.equal(world.control.bill().cancelled, 1);
  });

test('a session that Save and End was not allowed to end is not said to have ended', async (t) => {
  const { world, ended, go } = await startHeldSaveAndEnd(t);
  await world.advance(3 * MINUTE);
  go();
  (await world.editor.message(/^End the session on/)).dismiss();
  await ended;
  assert.doesNotMatch((await world.editor.message(/^Saved 1 file/)).text, /has ended/);
  assert.equal(world.control.bill().cancelled, 0);
});

test('a save that keeps an end waiting is shown, and the session can be ended without it', async (t) => {
  for (const start of [startHeldSaveAndEnd, startHeldEnd]) {
    const { world, ended, go } = await start(t);
    await world.advance(4 * MINUTE);
    const detailShown = () =>
      world.editor.messages.filter(({ text }) => /is billed until its outputs are saved/.test(text));
    assert.deepEqual(detailShown(), []);
    await world.advance(MINUTE);
    const [notice] = detailShown();
    assert.deepEqual(notice?.buttons, ['End Without Saving']);
    notice.press('End Without Saving');
    go();
    await world.editor.progress(/^Ending/);
    await world.advance(10_000);
    await world.finish(ended);
    assert.equal(world.control.bill().cancelled, 1);
  }
});

test('what was agreed to for one account is not sent for another', async (t) => {
  const { world, ended, go } = await startHeldSaveAndEnd(t);
  await world.keepKey(world.keys.studio);
  await world.advance(5_000);
  await world.keepKey(world.keys.mine);
  await world.advance(5_000);
  go();
  (await world.editor.message(/^End the session on/)).dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('a ComfyUI that fails once all is saved is not said to have lost it', async (t) => {
  const { world, target, comfyUi, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  let looks = 0;
  // One before the saving, one at its end, and one after it.
  world.before = (_, url) => {
    if (url.endsWith('/history') && saved().length > 0 && ++looks === 2) comfyUi.refuse('/history', 404);
    return undefined;
  };
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End /)).press('End Session');
  const question = await world.editor.message(/anyway\?/);
  assert.match(question.options.detail ?? '', /^What had finished is saved\. More may have finished since then\. /);
  question.dismiss();
  await ended;
  assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png'], 0]);
});

test('a session ends although runs keep finishing, and the unsaved ones are reported', async (t) => {
  const { world, target, ran, useFolder } = await startWithOutputs(t);
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  let runs = 0;
  const another = () => ran(`${runs++}.png`);
  another();
  world.before = (method, url) => {
    if (method === 'GET' && url.endsWith('/view')) another();
    return undefined;
  };
  for (const command of ['cancelSession', 'saveAndEndSession'] as const) {
    const ended = world.run(command, target);
    const before = world.editor.messages.length;
    const asked = (text: RegExp) =>
      until(`${text}`, () => world.editor.messages.slice(before).find((message) => text.test(message.text)));
    const first = await asked(/^End |^Save the outputs/);
    first.press(first.buttons[0] ?? '');
    const question = await asked(/anyway\?/);
    assert.match(question.options.detail ?? '', / Still rendering\. Runs that are not saved: at least 1\.$/);
    question.dismiss();
    await ended;
  }
  assert.equal(world.control.bill().cancelled, 0);
});

test('no saving is promised before an end into a folder that takes nothing', async (t) => {
  const { world, target, comfyUi, root } = await startWithOutputs(t);
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  const file = path.join(root, 'file');
  fs.writeFileSync(file, 'x');
  world.editor.configure('comfydeploy.outputsFolder', file);
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End /);
  assert.match(
    question.options.detail ?? '',
    /^The outputs can't be saved first\. .+: a file is in the way\. Unsaved outputs and changes in ComfyUI will be lost/,
  );
  question.press('End Session');
  (await world.editor.message(/anyway\?/)).dismiss();
  await ended;
  assert.deepEqual([world.control.bill().cancelled, comfyUi.requests.includes('GET /view')], [0, false]);
});

test('the question before an end says what becomes of what the tab shows, as far as it can be asked', async (t) => {
  const { world, target, root, useFolder } = await startWithOutputs(t);
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  const detailShown = async () => {
    const before = world.editor.messages.length;
    const ended = world.run('cancelSession', target);
    const question = await until('the question', () => world.editor.messages[before]);
    question.dismiss();
    await ended;
    return question.options.detail?.replace(`Outputs are saved to ${root} first. `, '');
  };
  assert.equal(await detailShown(), 'Anything else unsaved in ComfyUI will be lost and running renders stopped.');
  world.editor.keptTabs.push({ viewType: 'comfydeploy.session' });
  assert.match((await detailShown()) ?? '', /^What its tab shows can't be saved until you look at the tab/);
  world.editor.keptTabs.pop();
  await openFramed(world, target);
  assert.match(
    (await detailShown()) ?? '',
    /^What its tab shows is saved too\. Anything else unsaved in ComfyUI will be lost/,
  );
});

test('without a folder the question before an end says that outputs are lost', async (t) => {
  const { world, target } = await startWithOutputs(t);
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End /);
  assert.match(question.options.detail ?? '', /^No folder is set for saving outputs\. Unsaved outputs .+ will be lost/);
  question.dismiss();
  await ended;
});

test('what the page shows is saved beside the outputs before an end, once for each state, over nothing', async (t) => {
  const { world, target, folder, useFolder } = await startWithOutputs(t, { minutesLeft: 3.5 });
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  const { page } = await openFramed(world, target);
  await world.advance(MINUTE);
  const drawn = () => fs.readFileSync(path.join(folder() ?? '', 'canvas.workflow.json'), 'utf8');
  await world.editor.message(/^Before the end of .+: Saved 1 workflow to /);
  assert.equal(drawn(), stableWorkflow(defaultWorkflow));

  const mine = { ...defaultWorkflow, id: 'mine' };
  page.graphs.push(mine);
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End /)).press('End Session');
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.equal(drawn(), stableWorkflow(defaultWorkflow));
  const second = fs.readFileSync(path.join(folder() ?? '', 'canvas (2).workflow.json'), 'utf8');
  assert.equal(second, stableWorkflow(mine));
});

test('a page that does not answer costs no output', async (t) => {
  const { world, target, ran, saved, useFolder } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  const { page } = await openFramed(world, target, 'mute');
  const ended = world.run('saveAndEndSession', target);
  (await world.editor.message(/^Save the outputs of/)).press('Save and End');
  await until('a question', () => page.heard.length > 0);
  await world.advance(16_000);
  await world.editor.progress(/^Ending/);
  await world.advance(10_000);
  await world.finish(ended);
  assert.deepEqual([saved(), world.control.bill().cancelled], [['a.png'], 1]);
});

test('an end by itself waits for what the user saves, and saves nothing unasked', async (t) => {
  const { world, target, saved, isBilled, arrive } = await startIdle(t, false);
  await world.advance(5 * MINUTE + 5_000);
  await world.editor.message(/ends automatically at/);
  assert.deepEqual(saved(), []);
  const saving = world.run('saveOutputs', target);
  await world.advance(70_000);
  assert.equal(isBilled(), true);
  arrive();
  await world.advance(40_000);
  await world.finish(saving);
  await world.advance(10_000);
  assert.deepEqual([isBilled(), saved()], [false, ['a.png']]);
});

test('nothing is saved by itself unless that is wanted', async (t) => {
  const { world, ran, saved, useFolder } = await startWithOutputs(t, { minutesLeft: 4.5 });
  useFolder();
  ran('a.png');
  await world.advance(4 * MINUTE);
  assert.deepEqual(saved(), []);
});

test('without a folder nothing is said where another editor saves before the end', async (t) => {
  const { world, ran, target } = await startWithOutputs(t, { minutesLeft: 4.5 });
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  await world.run('keepAlive', target);
  const [, scope] = /"scope":"(\w+)"/.exec(await world.files('intents.jsonl').read()) ?? [];
  const register = world.files(`editors-${scope}`);
  const id = '00000000-0000-4000-8000-000000000000';
  const wants = wantsText({ ...USUAL_SETTINGS, spendingLimits: NO_SPENDING_LIMITS, savesOutputs: true });
  const { windows, ...rest } = JSON.parse(await register.read()) as { readonly windows: readonly object[] };
  const other = { id, beat: 1, isWatched: false, isFocused: false, inUse: [], saving: [], wants };
  await register.exclusively(() => register.replace(JSON.stringify({ ...rest, windows: [...windows, other] })));
  for (let n = 0; n < 60; n++) {
    await register.heartbeat(id);
    await world.advance(2_000);
  }
  assert.deepEqual(
    world.editor.messages.filter(({ text }) => text.includes('no folder is set')),
    [],
  );
});

test('without a folder nothing can be saved before the end, which is said in time', async (t) => {
  const { world, ran, root, saved } = await startWithOutputs(t, { minutesLeft: 4.5 });
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  ran('a.png');
  await world.advance(2 * MINUTE);
  (await world.editor.message(/no folder is set/)).press('Choose Folder…');
  const { Uri } = await import('../../fakes/vscode');
  (await world.editor.folderDialog()).choose(Uri.file(root));
  await world.editor.message(/^Saved 1 file/);
  assert.deepEqual(saved(), ['a.png']);
});
