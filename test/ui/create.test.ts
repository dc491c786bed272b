import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Control } from '../simulator/control';
import { ME, MINUTE, start, type World } from './start';

const START_UP_MS = 4_000;

const startWithBox = (t: TestContext, furnish: (control: Control) => void = () => undefined): Promise<World> =>
  start(t, {
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
      furnish(control);
    },
  });

/** Answers all three questions; what was asked for is then under way. */
async function ask({ editor }: World, minutes = '15 min'): Promise<void> {
  (await editor.pick(/On which machine/)).choose('sd-box');
  (await editor.pick(/Which GPU/)).choose('A10G');
  (await editor.pick(/For how long/)).choose(minutes);
}

test('three questions start a session, and its tab opens once it is ready', async (t) => {
  const world = await startWithBox(t);
  const { editor, control } = world;
  const created = world.run('createSession');

  const machines = await editor.pick(/On which machine/);
  assert.deepEqual([machines.step, machines.totalSteps, machines.labels], [1, 3, ['sd-box']]);
  machines.choose('sd-box');
  const gpus = await editor.pick(/Which GPU/);
  assert.equal(gpus.labels[0], 'A10G', "the machine's own comes first");
  assert.equal(gpus.describe('A10G'), "24 GB · $1.21 an hour · this machine's own");
  gpus.choose('H100');
  const lengths = await editor.pick(/For how long/);
  assert.equal(lengths.title, 'New Session on sd-box with H100');
  assert.deepEqual(lengths.labels, ['2 min', '15 min', '30 min', '1 h']);
  assert.equal(lengths.describe('30 min'), 'about $4.21');
  lengths.enter();

  const progress = await editor.progress(/^Starting H100 on sd-box$/);
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: A10G', 'H100: starting, 14 min left']);
  assert.equal(editor.panels.length, 0);
  await world.advance(START_UP_MS);
  await world.advance(START_UP_MS);
  await created;

  assert.equal(progress.isOver, true);
  assert.deepEqual([editor.panels.length, editor.panels[0]?.title], [1, 'sd-box · H100']);
  assert.deepEqual([control.bill().created, control.sessions()[0]?.timeoutMinutes], [1, 15]);
  assert.deepEqual(world.rows, ['sd-box: A10G', 'H100: 14 min left']);
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
  await again;
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
  await first;

  const second = world.run('createSession');
  const machines = await editor.pick(/On which machine/);
  assert.equal(machines.describe('$(history) Same as Last Time'), 'sd-box · A10G · 30 min · about $0.61');
  machines.enter();
  await world.advance(2 * START_UP_MS);
  await second;

  const third = world.run('createSameSession');
  await world.advance(2 * START_UP_MS);
  await third;
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
  await created;
  world.control.dropMachine(world.control.machines()[0]!.id);
  world.control.addMachine({ ...ME, name: 'other' });
  await world.refresh();
  const again = world.run('createSameSession');
  const machines = await world.editor.pick(/On which machine/);
  assert.deepEqual(machines.labels, ['other']);
  machines.hide();
  await again;
});

test('without a machine that can host sessions the reason is told', async (t) => {
  const world = await start(t, {
    furnish: (control) => void control.addMachine({ ...ME, name: 'c', type: 'classic' }),
  });
  await world.run('createSession');
  assert.equal(world.editor.messages[0]?.text.startsWith('None of your machines can host a session.'), true);
});

test('the start-up log is told while the session starts', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  world.control.writeLog(world.control.sessions()[0]!.id, 'Fetching the image');
  await world.until('the line', () => progress.steps.includes('Fetching the image'));
  await world.advance(2 * START_UP_MS);
  await created;
});

test('giving up while it starts ends the session', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  progress.cancel();
  await created;
  assert.equal(progress.steps.at(-1), 'Ending it');

  await world.advance(MINUTE);
  const { created: made, cancelled, sessions } = world.control.bill();
  assert.deepEqual([made, cancelled, sessions.map(({ open }) => open)], [1, 1, [false]]);
  assert.deepEqual(world.rows, ['sd-box: A10G']);
  assert.deepEqual([world.editor.panels, world.editor.messages], [[], []]);
});

test('giving up before the server has answered ends the session as soon as it is known', async (t) => {
  const world = await startWithBox(t);
  world.control.fault({ method: 'POST', path: '/api/session', effect: { kind: 'latency', ms: 50 } });
  const created = world.run('createSession');
  await ask(world);
  (await world.editor.progress(/^Starting/)).cancel();
  await created;
  await world.advance(MINUTE);
  assert.deepEqual(
    world.control.bill().sessions.map(({ open }) => open),
    [false],
  );
});

test('a start that fails is told with the reason from its log', async (t) => {
  const world = await startWithBox(t, (control) => control.failNextStartUp('No module named torch'));
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.advance(START_UP_MS - 1);
  await world.until('the log', () => progress.steps.includes('Starting server'));
  await world.control.advance(1);
  await world.until('the reason', () => progress.steps.includes('No module named torch'));
  await world.advance(START_UP_MS);
  await created;

  assert.deepEqual(
    world.editor.messages.map(({ kind, text, buttons }) => [kind, text, buttons]),
    [['error', 'The session did not start. Its log says: No module named torch', ['Show Log']]],
  );
  assert.equal(world.editor.panels.length, 0);
});

test('a session that reaches its end before it is ready is told apart', async (t) => {
  const world = await startWithBox(t, (control) => control.set({ startUpMs: null }));
  const created = world.run('createSession');
  await ask(world, '2 min');
  await world.advance(3 * MINUTE);
  await created;
  assert.match(world.editor.messages[0]?.text ?? '', /reached its end before it was ready/);
});

test('a session whose answer was lost is found, not started twice', async (t) => {
  const world = await startWithBox(t, (control) =>
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when: 'after' } }),
  );
  const created = world.run('createSession');
  await ask(world);
  await world.advance(10_000);
  await created;

  const { created: made, sessions } = world.control.bill();
  assert.deepEqual([made, sessions.length, sessions[0]?.open], [1, 1, true]);
  assert.deepEqual([world.editor.panels.length, world.editor.messages], [1, []]);
});

test('a request that left no trace is told, and what it means for a second GPU', async (t) => {
  const world = await startWithBox(t, (control) =>
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when: 'before' } }),
  );
  const created = world.run('createSession');
  await ask(world);
  await world.advance(MINUTE);
  await created;
  assert.match(world.editor.messages[0]?.text ?? '', /before then no second GPU is started on this machine/);
  assert.equal(world.control.bill().created, 0);
});

test('a refusal is told in the words of the server, with the way to more credit', async (t) => {
  const world = await startWithBox(t, (control) => control.setAccount(ME, { plan: 'free', creditDollars: 0 }));
  const created = world.run('createSession');
  await ask(world);
  await created;
  const message = await world.editor.message(/Insufficient balance/);
  assert.deepEqual([message.kind, message.buttons], ['error', ['Add Credit']]);
  message.press('Add Credit');
  await world.until('the page', () => world.editor.opened[0]?.endsWith('/pricing'));
});

test('signing out while a session starts leaves the wait without a word', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.settled();
  await world.run('signOut');
  await created;
  assert.deepEqual([progress.isOver, world.editor.messages, world.rows], [true, [], []]);
});
