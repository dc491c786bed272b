import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, START_UP_MS, startWithBox } from '../creating';
import { ME, MINUTE, start } from '../start';
import { frameOf, lastPosted, panelOf } from '../tabPage';

test('three questions start a session, and its tab opens at once on the steps', async (t) => {
  const world = await startWithBox(t);
  const { editor, control } = world;
  const created = world.run('createSession');

  const machines = await editor.pick(/On which machine/);
  assert.deepEqual([machines.step, machines.totalSteps, machines.labels], [1, 3, ['sd-box']]);
  machines.choose('sd-box');
  const gpus = await editor.pick(/Which GPU/);
  assert.equal(gpus.labels[0], 'A10G', "the machine's own comes first");
  assert.equal(gpus.describe('A10G'), '24 GB · $1.22 an hour · machine default');
  gpus.choose('H100');
  const lengths = await editor.pick(/For how long/);
  assert.equal(lengths.title, 'New Session on sd-box with H100');
  assert.deepEqual(lengths.labels, ['As long as I use it', '2 min', '15 min', '30 min', '1 h']);
  assert.equal(lengths.describe('30 min'), 'about $4.21');
  lengths.choose('15 min');

  const progress = await editor.progress(/^Starting H100 on sd-box$/);
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: 14m · starting · H100']);
  assert.equal(lastPosted(panelOf(world)).headline, 'Starting H100 on sd-box');
  assert.equal(panelOf(world).title, 'sd-box · H100');
  await world.advance(START_UP_MS);
  await world.advance(START_UP_MS);
  await world.finish(created);

  assert.equal(progress.isOver, true);
  assert.deepEqual([editor.panels.length, panelOf(world).revealed, editor.messages], [1, 0, []]);
  assert.ok(frameOf(panelOf(world)));
  assert.deepEqual([control.bill().created, control.sessions()[0]?.timeoutMinutes], [1, 15]);
  assert.deepEqual(world.rows, ['sd-box: 14m · H100']);
});

test('a user who looks at something else when it is ready gets a notice, and keeps the focus', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  await world.settled();
  panelOf(world).move({ active: false, visible: false });
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
  const message = await world.editor.message(/^sd-box \(A10G\) is ready\.$/);
  assert.equal(panelOf(world).revealed, 0);
  message.press('Open');
  await world.until('the tab', () => panelOf(world).revealed === 1);
});

test('where pages open in a browser no tab opens at the start', async (t) => {
  const world = await startWithBox(t);
  world.editor.configure('comfydeploy.openIn', 'externalBrowser');
  const created = world.run('createSession');
  await ask(world);
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
  assert.deepEqual([world.editor.panels.length, world.editor.opened.length], [0, 1]);
});

test('Back asks again, a typed length counts, and Escape costs nothing', async (t) => {
  const world = await startWithBox(t);
  const { editor, control } = world;
  const created = world.run('createSession');
  (await editor.pick(/On which machine/)).choose('sd-box');
  (await editor.pick(/Which GPU/)).choose('T4');
  (await editor.pick(/For how long/)).goBack();
  (await editor.pick(/Which GPU/)).choose('L4');
  const lengths = await editor.pick(/For how long/);
  assert.match(lengths.title ?? '', /with L4$/);
  lengths.type('45');
  assert.deepEqual(lengths.labels, ['45 min']);
  lengths.hide();
  await created;
  await world.settled();
  assert.equal(control.bill().created, 0);

  const again = world.run('createSession');
  (await editor.pick(/On which machine/)).choose('sd-box');
  (await editor.pick(/Which GPU/)).choose('L4');
  const typed = await editor.pick(/For how long/);
  typed.type('45');
  typed.enter();
  await world.advance(2 * START_UP_MS);
  await world.finish(again);
  assert.deepEqual([control.sessions()[0]?.gpu, control.sessions()[0]?.timeoutMinutes], ['L4', 45]);
});

test("a machine's row answers the first question", async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession', world.node('sd-box'));
  const gpus = await world.editor.pick(/Which GPU/);
  assert.deepEqual([gpus.title, gpus.step, gpus.totalSteps, gpus.buttons], ['New Session on sd-box', 1, 2, []]);
  gpus.hide();
  await created;
});

test('what was started last is one step away, by a list or by a command of its own', async (t) => {
  const world = await startWithBox(t);
  const { editor, control } = world;
  const first = world.run('createSession');
  await ask(world, '30 min');
  await world.advance(2 * START_UP_MS);
  await world.finish(first);

  const second = world.run('createSession');
  const machines = await editor.pick(/On which machine/);
  assert.equal(machines.describe('Same as Last Time'), 'sd-box · A10G · 30 min · about $0.61');
  machines.enter();
  await world.advance(2 * START_UP_MS);
  await world.finish(second);

  const third = world.run('createSameSession');
  (await editor.message(/^Start A10G on sd-box for 30 min\?$/)).press('Start');
  await world.advance(2 * START_UP_MS);
  await world.finish(third);
  assert.deepEqual(
    control.sessions().map(({ gpu, timeoutMinutes }) => [gpu, timeoutMinutes]),
    Array.from({ length: 3 }, () => ['A10G', 30]),
  );
});

test('with nothing to repeat, or on a machine that is gone, the same as last time is asked for anew', async (t) => {
  const world = await startWithBox(t);
  const never = world.run('createSameSession');
  (await world.editor.pick(/On which machine/)).hide();
  await never;

  const created = world.run('createSession');
  await ask(world);
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
  world.control.dropMachine(world.control.machines()[0]!.id);
  world.control.addMachine({ ...ME, name: 'other' });
  await world.refresh();
  const again = world.run('createSameSession');
  const machines = await world.editor.pick(/On which machine/);
  assert.deepEqual(machines.labels, ['other']);
  machines.hide();
  await again;
});

test('without a machine that can host sessions the reason is shown', async (t) => {
  const world = await start(t, {
    furnish: (control) => void control.addMachine({ ...ME, name: 'c', type: 'classic' }),
  });
  await world.run('createSession');
  assert.equal(world.editor.messages[0]?.text.startsWith('None of your machines can run sessions.'), true);
});

test('the start-up log is shown while the session starts', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  world.control.writeLog(world.control.sessions()[0]!.id, 'Fetching the image');
  await world.until('the line', () => progress.steps.includes('Fetching the image'));
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
});

test('the log of a session that is ready is followed no more', async (t) => {
  const world = await startWithBox(t, (control) => control.set({ logs: 'unavailable' }));
  const followed = () => world.control.counts()['GET /api/v2/stream-logs'] ?? 0;
  const created = world.run('createSession');
  await ask(world);
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
  const before = followed();
  assert.ok(before > 1, 'a log that breaks off is taken up again');
  await world.advance(MINUTE);
  assert.equal(followed(), before);
});
