import assert from 'node:assert/strict';
import test from 'node:test';
import { lastPosted, nonceOf, panelOf, restore, say } from '../tabPage';
import type { PageState } from '../../../src/page/sessionPage';
import { startWithOutputs } from '../saving';
import { ME, MINUTE, start, startWithSession, targetOf, type World } from '../start';

for (const [how, end, headline] of [
  ['was ended here', (world: World, id: string) => endHere(world, id), 'Session ended'],
  ['ended elsewhere', (world: World, id: string) => world.control.endSession(id), 'Session ended'],
  ['reached its end', (world: World) => world.advance(21 * MINUTE), 'Session ended'],
] as const) {
  test(`the tab of a session that ${how} says so, and offers to start again`, async (t) => {
    const { world, id, target } = await startWithSession(t);
    await world.run('openSession', target);
    const panel = panelOf(world);
    const loaded = panel.webview.documents.length;
    await end(world, id);
    await world.refresh();
    const { kind, headline: said, actions } = lastPosted(panel);
    assert.deepEqual([kind, said, actions[0]?.text], ['over', headline, 'Start Again']);
    assert.equal(panel.webview.documents.length, loaded, 'what the page last showed stays behind the notice');
    assert.equal(panel.isDisposed, false);
  });
}

test('while the server can’t list sessions, the tab of one that is over says so all the same, also after a reload', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  world.control.fault({
    method: 'GET',
    path: '/api/sessions',
    times: 1_000,
    effect: { kind: 'answer', status: 500, body: { detail: 'no' } },
  });
  await world.control.endSession(id);
  await world.advance(MINUTE);
  const { kind, headline } = lastPosted(panelOf(world));
  assert.deepEqual([kind, headline], ['over', 'Session ended']);
  await world.reopen();
  const panel = await restore(world, { sessionId: id });
  await world.advance(MINUTE);
  assert.equal(lastPosted(panel).kind, 'over');
});

test('the tab of a session that was closed early says what that means', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      control.set({ callMs: 30_000, startUpMs: 60_000 });
      await control.addSession({ machineId, state: 'starting', minutesOld: 0 });
    },
  });
  const { id } = world.control.sessions()[0]!;
  await world.run('openSession', targetOf(id));
  const ended = world.run('cancelSession', targetOf(id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  assert.match(lastPosted(panelOf(world)).detail, /is ended as soon as ComfyDeploy knows its container/);
  await world.advance(15_000);
  await world.finish(ended);
  const { kind, headline, detail } = lastPosted(panelOf(world));
  assert.deepEqual([kind, headline], ['waiting', 'A10G · sd-box · closed early, may still be billed']);
  assert.match(detail, /was closed before ComfyDeploy knew its container\. It may still start/);
});

async function endHere(world: World, id: string): Promise<void> {
  const ended = world.run('cancelSession', targetOf(id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.advance(5_000);
  await world.finish(ended);
}

test('the page of a session that is over is its receipt, also after a reload, and starts the same again', async (t) => {
  const { world, id, target } = await startWithSession(t, { minutesOld: 10, minutesLeft: 20, timeoutMinutes: 30 });
  await world.run('openSession', target);
  await endHere(world, id);
  const { headline, detail, facts } = lastPosted(panelOf(world));
  assert.equal(headline, 'Session ended');
  assert.equal(detail, 'Ended by you. It is no longer billed.');
  const byLabel = Object.fromEntries(facts);
  assert.match(byLabel['Ran'] ?? '', /^10 min, .+ to .+$/);
  assert.match(byLabel['Cost'] ?? '', /^about \$0\.2\d$/);
  assert.deepEqual(
    [byLabel['Saved'], byLabel['Not saved']],
    ['nothing', 'outputs and changes in ComfyUI that you did not save yourself'],
  );

  await world.reopen();
  const panel = await restore(world, { sessionId: id });
  await world.settled();
  const later = lastPosted(panel);
  assert.deepEqual([later.headline, later.detail], [headline, detail]);
  assert.deepEqual(later.facts, facts.slice(0, 2), 'what another window has saved is not known');
  say(panel, 'startAgain');
  await world.until('a second session', () => world.control.bill().created === 1);
  const { gpu, timeoutMinutes } = world.control.sessions().at(-1)!;
  assert.deepEqual([gpu, timeoutMinutes], ['A10G', 30]);
  await world.until('the tab of the new session alone', () => panel.isDisposed);
  const open = world.editor.panels.filter(({ isDisposed }) => !isDisposed);
  assert.deepEqual(
    open.map(({ title }) => title),
    ['sd-box · A10G'],
  );
});

test('a session whose time ran out says what was saved, and what was lost with it', async (t) => {
  const { world, target, comfyUi, ran, useFolder, root } = await startWithOutputs(t);
  useFolder();
  ran('a.png', 'b.png');
  await world.run('openSession', target);
  await world.run('saveOutputs', target);
  comfyUi.startJob({ seconds: 7_200 });
  comfyUi.startJob({ seconds: 7_200 });
  await world.advance(25 * MINUTE);
  const { detail, facts } = lastPosted(panelOf(world));
  assert.equal(detail, 'Time ran out. It is no longer billed.');
  const byLabel = Object.fromEntries(facts);
  assert.ok(byLabel['Saved']?.startsWith(`2 files · ${root}`), byLabel['Saved']);
  assert.equal(byLabel['Not saved'], 'the render that was running, with 1 more in the queue');
});

test('what was saved after the queue was last read is not said to be lost', async (t) => {
  const { world, target, comfyUi, useFolder } = await startWithOutputs(t, { minutesLeft: 20 });
  useFolder();
  world.editor.configure('comfydeploy.saveOutputs', 'atEnd');
  await world.run('openSession', target);
  for (let n = 0; n < 3; n++) comfyUi.startJob({ seconds: 30 });
  await world.advance(16_000);
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End/);
  await comfyUi.finishJob();
  await comfyUi.finishJob();
  await world.advance(1_000);
  question.press('End Now');
  await world.advance(5_000);
  await world.finish(ended);
  const byLabel = Object.fromEntries(lastPosted(panelOf(world)).facts);
  assert.match(byLabel['Not saved'] ?? '', /^what had not finished by /);
});

test('the tab of a session that did not start says why', async (t) => {
  const { world, id, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  await world.run('openSession', target);
  const panel = panelOf(world);
  world.control.failStartUp(id, 'CUDA out of memory');
  await world.until('the log', () => lastPosted(panel).log.includes('Failed to start session.'));
  await world.refresh();
  const { headline, detail, log } = lastPosted(panel);
  assert.equal(headline, 'Session failed to start');
  assert.match(detail, /The log says: CUDA out of memory\. ComfyDeploy recommends rebuilding the machine\.$/);
  assert.ok(log.some((line) => line.includes('CUDA out of memory')));
});

test('starting again asks for the same as before', async (t) => {
  const { world, id, target } = await startWithSession(t, { timeoutMinutes: 25 });
  await world.run('openSession', target);
  await world.control.endSession(id);
  await world.refresh();
  say(panelOf(world), 'startAgain');
  await world.until('a second session', () => world.control.bill().created === 1);
  await world.advance(10_000);
  const { gpu, timeoutMinutes } = world.control.sessions().at(-1)!;
  assert.deepEqual([gpu, timeoutMinutes, world.editor.panels.length], ['A10G', 25, 2]);
  assert.ok(!panelOf(world).isDisposed, 'its last page may be the only place of unsaved work');
});

test('a page can ask for nothing but to start again', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const { webview } = panelOf(world);
  const from = nonceOf(webview.html);
  const messages = [
    undefined,
    'startAgain',
    { type: 'cancel', from },
    { type: 'startAgain', from: 'an earlier document' },
    { type: 'startAgain' },
    { command: 'comfydeploy.cancelSession', from },
    [],
  ];
  for (const message of messages) webview.send(message);
  await world.advance(1_000);
  assert.equal(world.control.bill().created, 0);
  assert.deepEqual([world.editor.messages, world.editor.openInput], [[], undefined]);
});

test('the page stays in sight while its session is being ended', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  const ended = world.run('cancelSession', targetOf(id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  assert.equal(world.rows.at(-1), 'sd-box: ending (still billing) · A10G');
  assert.deepEqual(
    panelOf(world).webview.posted.filter((state) => (state as PageState).kind !== 'open'),
    [],
  );
  await world.advance(5_000);
  await world.finish(ended);
  assert.equal(lastPosted(panelOf(world)).kind, 'over');
});

test('nothing is called over on the word of an old answer', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  const other = await world.control.addSession({ machineId });
  world.control.setOffline(true);
  await world.refresh();
  await world.advance(5_000);
  const panel = await restore(world, { sessionId: other.id });
  assert.deepEqual([panel.webview.documents.length, lastPosted(panel).headline], [1, 'Looking for this session']);

  world.control.setOffline(false);
  await world.advance(MINUTE);
  assert.match(panel.webview.html, /<iframe/);
});

/** Somebody signs in to the organization in another window. */
async function switchAccount(world: World): Promise<void> {
  await world.keepKey(world.keys.studio);
  await world.settled();
}

test('the tab of a session of another account says so, offers to sign in, and leaves the page as it is', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const panel = panelOf(world);
  const loaded = panel.webview.documents.length;
  await switchAccount(world);
  const { kind, headline, actions } = lastPosted(panel);
  assert.deepEqual([kind, headline], ['quiet', 'This session belongs to another account']);
  assert.match(
    lastPosted(panel).detail,
    /^This session belongs to another account\./,
    'the one line on show says it, too',
  );
  assert.deepEqual(
    actions.map(({ id }) => id),
    ['signIn'],
    'it is not started again: it runs',
  );
  assert.equal(panel.webview.documents.length, loaded);

  say(panel, 'signIn');
  (await world.editor.pick(/How do you want to sign in/)).hide();
  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.equal(lastPosted(panel).kind, 'open');
});

test('after a reload, too, a session of another account is not called over', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  const scope = /data-scope="([^"]+)"/.exec(panelOf(world).webview.html)?.[1];
  assert.match(scope ?? '', /^[0-9a-f]{8}$/);
  await switchAccount(world);
  const panel = await restore(world, { sessionId: id, scope });
  await world.settled();
  const { kind, headline, actions } = lastPosted(panel);
  assert.deepEqual([kind, headline], ['over', 'This session belongs to another account']);
  assert.deepEqual(
    actions.map(({ text }) => text),
    ['Sign In…'],
  );
});

test('a session that ended while another account was in use is over once its own is back', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  const panel = panelOf(world);
  await switchAccount(world);
  await world.control.endSession(id);
  await world.keepKey(world.keys.mine);
  await world.advance(MINUTE);
  assert.deepEqual([lastPosted(panel).kind, lastPosted(panel).actions[0]?.text], ['over', 'Start Again']);
});

test('a tab that comes back after a reload while nobody is signed in says so, with a way on', async (t) => {
  const world = await start(t, { scope: null });
  const panel = await restore(world, { sessionId: 'a-session' });
  await world.settled();
  const { kind, headline, actions } = lastPosted(panel);
  assert.deepEqual([kind, headline, actions.map(({ id }) => id)], ['over', 'You are signed out', ['signIn']]);
});
