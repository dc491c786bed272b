import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, START_UP_MS, startWithBox } from '../creating';
import { ME, MINUTE } from '../start';
import { lastPosted, panelOf } from '../tabPage';

test('giving up while it starts ends the session', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  progress.cancel();
  await world.settled();
  assert.equal(lastPosted(panelOf(world)).headline, 'Ending A10G on sd-box');
  await world.advance(2_000);
  await world.finish(created);
  assert.deepEqual(progress.steps.slice(-2), ['Ending it', 'The session has ended.']);

  await world.advance(MINUTE);
  const { created: made, cancelled, sessions } = world.control.bill();
  assert.deepEqual([made, cancelled, sessions.map(({ open }) => open)], [1, 1, [false]]);
  const history = await world.files('history.jsonl').read();
  const asked = /{[^{}]*"askedToEnd"[^{}]*}/.exec(history)?.[0] ?? '{}';
  const { by, isUnready } = JSON.parse(asked) as Record<string, unknown>;
  assert.deepEqual(
    [by, isUnready],
    ['you', true],
    'for the window that writes down its end, and for what is shown later',
  );
  assert.deepEqual(world.rows, ['sd-box: A10G']);
  assert.deepEqual(world.editor.messages, []);
  const { headline, detail, facts, actions } = lastPosted(panelOf(world));
  assert.deepEqual([headline, actions[0]?.text], ['Start canceled', 'Start Again']);
  assert.match(detail, /no longer billed/);
  assert.deepEqual(
    facts.map(([name]) => name),
    ['Ran', 'Cost'],
    'before there is a page nothing can be lost',
  );
});

test('giving up before the server has answered ends the session as soon as it is known', async (t) => {
  const world = await startWithBox(t);
  world.control.fault({ method: 'POST', path: '/api/session', effect: { kind: 'latency', ms: 50 } });
  const created = world.run('createSession');
  await ask(world);
  (await world.editor.progress(/^Starting/)).cancel();
  await world.until('the session', () => world.control.sessions().length > 0);
  await world.advance(MINUTE);
  await world.finish(created);
  assert.deepEqual(
    world.control.bill().sessions.map(({ open }) => open),
    [false],
  );
});

const TOLD = 'sd-box (A10G) failed to start: No module named torch. ComfyDeploy recommends rebuilding the machine.';

test('a failed start is reported with the reason from its log', async (t) => {
  const world = await startWithBox(t, (control) => control.failNextStartUp('No module named torch'));
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.advance(START_UP_MS - 1);
  await world.until('the log', () => progress.steps.includes('Starting server'));
  await world.control.advance(1);
  await world.until('the end of the log', () => progress.steps.includes('Failed to start session.'));
  await world.advance(START_UP_MS);
  await world.finish(created);

  assert.deepEqual(
    world.editor.messages.map(({ kind, text, buttons }) => [kind, text, buttons]),
    [['error', TOLD, ['Show Session Log']]],
  );
  assert.equal(lastPosted(panelOf(world)).headline, 'Session failed to start');
  const history = await world.files('history.jsonl').read();
  assert.match(history, /"kind":"notStarted"[^}]*"reason":"No module named torch\. ComfyDeploy recommends/);
});

test("if the log has no reason, the container's error is reported, and not that of an earlier container", async (t) => {
  const world = await startWithBox(t, (control) => control.failNextStartUp('No module named torch'));
  const noLog = () =>
    world.control.fault({
      path: '/api/v2/stream-logs',
      effect: { kind: 'answer', status: 404, body: { detail: 'no' } },
    });
  const fails = async () => {
    noLog();
    const created = world.run('createSession');
    await ask(world);
    await world.advance(MINUTE);
    await world.finish(created);
    return world.editor.messages.at(-1)?.text;
  };
  assert.equal(
    await fails(),
    'sd-box (A10G) failed to start. Its log gives no reason, but its container reported: No module named torch',
  );
  await world.advance(10 * MINUTE);
  world.control.set({ startUpMs: null });
  const created = world.run('createSession');
  await ask(world);
  await world.settled();
  await world.control.endSession(world.control.sessions().at(-1)!.id);
  await world.advance(MINUTE);
  await world.finish(created);
  assert.equal(world.editor.messages.at(-1)?.text, 'sd-box (A10G) failed to start. Its log gives no reason.');
});

test('a session that ends before it is ready is distinguished from a failed start', async (t) => {
  const world = await startWithBox(t, (control) => control.set({ startUpMs: null }));
  const created = world.run('createSession');
  await ask(world, '2 min');
  await world.advance(3 * MINUTE);
  await world.finish(created);
  assert.match(world.editor.messages[0]?.text ?? '', /^sd-box \(A10G\) ran out of time before it was ready/);
});

test('a session whose answer was lost is found, not started twice', async (t) => {
  const world = await startWithBox(t, (control) =>
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when: 'after' } }),
  );
  const created = world.run('createSession');
  await ask(world);
  await world.advance(10_000);
  await world.finish(created);

  const { created: made, sessions } = world.control.bill();
  assert.deepEqual([made, sessions.length, sessions[0]?.open], [1, 1, true]);
  assert.deepEqual([world.editor.panels.length, world.editor.messages], [1, []]);
});

test('a request that left no trace is reported, with what it means for a second GPU', async (t) => {
  const world = await startWithBox(t, (control) =>
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when: 'before' } }),
  );
  const created = world.run('createSession');
  await ask(world);
  await world.advance(MINUTE);
  await world.finish(created);
  assert.match(
    world.editor.messages[0]?.text ?? '',
    /^A session may not have started on sd-box: .* starts no second GPU on this machine until this is settled/,
  );
  assert.equal(world.control.bill().created, 0);
});

test("a refusal is shown in the server's words, with a link to more credit", async (t) => {
  const world = await startWithBox(t, (control) => control.setAccount(ME, { plan: 'free', creditDollars: 0 }));
  const created = world.run('createSession');
  await ask(world);
  await created;
  const message = await world.editor.message(/^No session was started on sd-box: Insufficient balance/);
  assert.deepEqual([message.kind, message.buttons], ['warning', ['Add Credit']]);
  message.press('Add Credit');
  await world.until('the page', () => world.editor.opened[0]?.endsWith('/pricing'));
});

test('signing out while a session starts leaves the wait without another word', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  const left = world.run('signOut');
  (await world.editor.message(/^Sign out with a session running/)).press('Sign Out');
  await left;
  await created;
  assert.deepEqual([progress.isOver, world.editor.messages.length, world.rows], [true, 1, []]);
});
