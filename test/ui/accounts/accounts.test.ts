import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { scopeOfKey } from '../../../src/accounts/keyRing';
import { ME, MINUTE, start, STUDIO, targetOf, type StartOptions, type World } from '../start';

const NONE: never[] = [];

/** Two accounts of one server, each with a machine and a session; the one of the organisation is in use. */
async function startWithTwo(t: TestContext, minutesLeft = 20.5, options: StartOptions = {}) {
  const ids = { mine: '', studio: '' };
  const world = await start(t, {
    ...options,
    furnish: async (control) => {
      const mine = control.addMachine({ ...ME, name: 'sd-box' });
      const studio = control.addMachine({ ...STUDIO, name: 'studio' });
      ids.mine = (await control.addSession({ machineId: mine.id, minutesLeft })).id;
      ids.studio = (await control.addSession({ machineId: studio.id, minutesLeft: 40.5 })).id;
    },
  });
  await world.keepKey(world.keys.studio);
  await world.settled();
  await world.settled();
  return { world, ...ids };
}

const ROWS = ['studio: 40m · A10G', 'Demo Person: 1 session · $1.22 an hour', 'sd-box: 20m · A10G'];
const accounts = (world: World) =>
  Promise.resolve(world.editor.accounts?.getSessions(undefined, {})).then((all) => all?.map(({ id }) => id) ?? NONE);
const scopeOf = (world: World, token: string) => scopeOfKey({ server: world.apiUrl, token });

test('an account that is not looked at keeps its sessions on screen, with what they cost', async (t) => {
  const { world } = await startWithTwo(t);
  assert.equal(world.rows.length, ROWS.length);
  assert.match(world.rows[1] ?? '', /^Demo Person · .*: 1 session · \$1\.22 an hour$/);
  assert.deepEqual([world.rows[0], world.rows[2]], [ROWS[0], ROWS[2]]);
  assert.match(JSON.stringify(world.status.tooltip), /All accounts/);
});

test('its session is ended through its own account, without a switch', async (t) => {
  const { world, mine } = await startWithTwo(t);
  const node = world.nodes().find((one) => one.kind === 'session' && one.sessionId === mine);
  const ended = world.run('cancelSession', node);
  const question = await world.editor.message(/^End the session on sd-box \(Demo Person/);
  question.press('End Session');
  await world.until('the end', () => world.control.bill().cancelled === 1);
  await world.advance(5_000);
  await world.finish(ended);
  assert.notEqual(world.control.session(mine)?.endedAt, null);
  assert.equal(world.secrets.kept.get(`comfydeploy.key ${world.apiUrl}`), world.keys.studio);
});

test('its session is warned about by the name of its account, and extended from the notice', async (t) => {
  const { world, mine } = await startWithTwo(t, 5.5);
  await world.advance(MINUTE);
  const notice = await world.editor.message(/sd-box \(Demo Person/);
  const before = world.control.session(mine)?.deadline ?? 0;
  notice.press('Extend 15 min');
  await world.until('the extension', () => (world.control.session(mine)?.deadline ?? 0) > before);
  assert.equal(world.secrets.kept.get(`comfydeploy.key ${world.apiUrl}`), world.keys.studio);
});

test('its idle session is ended like any other', async (t) => {
  const { world, mine } = await startWithTwo(t, 60, { comfyUi: true });
  world.editor.configure('comfydeploy.endWhenIdleAfter', 5);
  await world.advance(7 * MINUTE);
  await world.editor.message(/^A10G on sd-box \(Demo Person.*\) has been idle since/);
  await world.advance(MINUTE);
  await world.editor.message(/^Ended A10G on sd-box \(Demo Person.*\): idle for/);
  assert.notEqual(world.control.session(mine)?.endedAt, null);
});

test('on the next start each account reminds once of what it has running, the other one by its name', async (t) => {
  const { world } = await startWithTwo(t, 600);
  await world.advance(MINUTE);
  world.dispose();
  await world.control.advance(10 * MINUTE);
  await world.reopen();
  await world.advance(MINUTE);
  const reminders = world.editor.messages
    .map(({ text }) => text)
    .filter((text) => /While VS Code was closed/.test(text));
  assert.deepEqual(reminders.map((text) => text.replace(/running\..*/, 'running')).toSorted(), [
    '1 session is running',
    `${(world.rows[1] ?? '').split(': ')[0]}: 1 session is running`,
  ]);
});

test('opening its session switches to it, asks nothing and loses nothing', async (t) => {
  const { world, mine } = await startWithTwo(t);
  await world.run('openSession', targetOf(mine));
  await world.settled();
  assert.equal(world.editor.panels.length, 1);
  assert.equal(world.rows[0], 'sd-box: 20m · A10G');
  assert.match(world.rows[1] ?? '', /org/);
  assert.deepEqual(world.editor.messages, []);
  assert.deepEqual(await accounts(world), [scopeOf(world, world.keys.mine), scopeOf(world, world.keys.studio)]);
});

test("VS Code's menu lists all accounts without their keys, and signs them in and out", async (t) => {
  const { world } = await startWithTwo(t);
  const listed = await world.editor.accounts?.getSessions(undefined, {});
  assert.equal(listed?.length, 2);
  assert.doesNotMatch(JSON.stringify(listed), new RegExp(`${world.keys.mine}|${world.keys.studio}`));
  const mine = scopeOf(world, world.keys.mine);
  const removed = world.editor.accounts?.removeSession(mine);
  (await world.editor.message(/^Sign out with a session running/)).press('Sign Out');
  await removed;
  await world.settled();
  assert.deepEqual(await accounts(world), [scopeOf(world, world.keys.studio)]);
  assert.deepEqual(world.rows, ['studio: 40m · A10G']);

  const made = world.editor.accounts?.createSession([], {});
  (await world.editor.pick(/How do you want to sign in/)).choose('Paste an API Key');
  (await world.editor.inputBox()).enter(world.keys.mine);
  assert.equal((await made)?.id, mine);
  assert.equal((await accounts(world)).length, 2);
});

test('signing out of the account in use goes on with another one', async (t) => {
  const { world } = await startWithTwo(t);
  const done = world.run('signOut');
  (await world.editor.message(/^Sign out with a session running/)).press('Sign Out');
  await done;
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  assert.deepEqual(await accounts(world), [scopeOf(world, world.keys.mine)]);
});

test('a revoked key of an account that is not looked at is told once, and is not thrown away', async (t) => {
  const { world } = await startWithTwo(t);
  world.control.revokeKey(world.keys.mine);
  await world.advance(2 * MINUTE);
  assert.match(world.rows[1] ?? '', /: not watched: sign in again$/);
  const told = world.editor.messages.filter(({ text }) => /is no longer valid/.test(text));
  assert.equal(told.length, 1);
  assert.equal((await accounts(world)).length, 2);
});

test('a key that runs out is told a day before, once', async (t) => {
  const world = await start(t, { scope: null });
  await world.keepKey(world.control.addKey({ ...ME, lifeMs: 25 * 60 * MINUTE }));
  await world.settled();
  assert.deepEqual(world.editor.messages, []);
  await world.advance(61 * MINUTE);
  await world.refresh();
  await world.refresh();
  assert.equal(world.editor.messages.filter(({ text }) => / runs out /.test(text)).length, 1);
});

test('the status item shows the session of another account if the one in use has none', async (t) => {
  const { world, studio } = await startWithTwo(t);
  await world.control.endSession(studio);
  await world.refresh();
  assert.equal(world.status.isVisible, true);
  assert.match(world.status.text, /sd-box/);
});

test('without an account, the menu offers to sign in', async (t) => {
  const world = await start(t, { scope: null });
  const [scopes = []] = world.editor.signInsOffered;
  assert.deepEqual(await accounts(world), []);
  await world.keepKey(world.keys.mine);
  await world.settled();
  const all = await world.editor.accounts?.getSessions(undefined, {});
  assert.deepEqual([scopes.length, all?.map((one) => one.scopes)], [1, [scopes]], 'VS Code withdraws what it offered');
});
