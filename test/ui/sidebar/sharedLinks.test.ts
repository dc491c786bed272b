import assert from 'node:assert/strict';
import test from 'node:test';
import { Uri } from '../../fakes/vscode/values';
import { START_UP_MS, startWithBox } from '../creating';
import { STUDIO, start, startWithSession, type World } from '../start';

const US = 'vscode://comfydeploy-sessions.comfydeploy-sessions';
const follow = async ({ editor }: World, link: string) => editor.linked?.handleUri(Uri.parse(link));

test('a link to a session names neither its address nor a key, and opens its tab for a colleague', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('copySessionLink', target);
  assert.equal(world.editor.clipboard, `${US}/session/${id}`);
  assert.deepEqual(world.editor.statusMessages, ['Link copied']);
  await follow(world, world.editor.clipboard);
  assert.deepEqual(
    world.editor.panels.map(({ title }) => title),
    ['sd-box · A10G'],
  );
});

test('a link opens a session that was started since this window last looked', async (t) => {
  const { world } = await startWithSession(t);
  const { id: machineId } = world.control.addMachine({ userId: 'user_demo', orgId: null, name: 'new-box' });
  const { id } = await world.control.addSession({ machineId, minutesLeft: 20 });
  await follow(world, `${US}/session/${id}`);
  assert.equal(world.editor.panels.length, 1);
});

test('a link to a session that is over says so', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.control.endSession(id);
  await follow(world, `${US}/session/${id}`);
  await world.editor.message(/^This session has ended, or belongs to another account\.$/);
  assert.deepEqual(world.editor.panels, []);
});

test('without a key a link leads to the sign-in', async (t) => {
  const world = await start(t, { scope: null });
  await follow(world, `${US}/new`);
  assert.deepEqual((await world.editor.message(/^You are not signed in\.$/)).buttons, ['Sign In']);
});

test('a link that names everything starts nothing before its price is agreed to', async (t) => {
  const world = await startWithBox(t);
  const followed = follow(world, `${US}/new?machine=sd-box&gpu=H100&minutes=30`);
  const question = await world.editor.message(/^Start H100 on sd-box for 30 min\?$/);
  assert.match(
    question.options.detail ?? '',
    /^Another extension or a link asks for this\.\n\n.* It costs about \$4\.21\./,
  );
  assert.equal(world.control.bill().created, 0);
  question.dismiss();
  await followed;
  assert.equal(world.control.bill().created, 0);

  const again = follow(world, `${US}/new?machine=sd-box&gpu=H100&minutes=30`);
  await world.until('the question', () => world.editor.messages.length === 2);
  world.editor.messages[1]?.press('Start');
  await world.until('a session', () => world.control.bill().created === 1);
  await world.advance(2 * START_UP_MS);
  await world.finish(again);
});

test('what a link leaves open or names wrongly is asked for, and the price is agreed to all the same', async (t) => {
  const world = await startWithBox(t);
  const { id } = world.control.machines()[0] ?? {};
  const followed = follow(world, `${US}/new?machine=${id}&gpu=H9000&minutes=99999`);
  (await world.editor.pick(/Which GPU/)).choose('A10G');
  (await world.editor.pick(/For how long/)).choose('15 min');
  const question = await world.editor.message(/^Start A10G on sd-box for 15 min\?$/);
  assert.equal(world.control.bill().created, 0);
  question.dismiss();
  await followed;
  assert.equal(world.control.bill().created, 0);
});

test('a name that two machines have is not a choice', async (t) => {
  const world = await startWithBox(t, (control) => {
    control.addMachine({ userId: 'user_demo', orgId: null, name: 'sd-box' });
  });
  void follow(world, `${US}/new?machine=sd-box&gpu=H100&minutes=30`);
  (await world.editor.pick(/On which machine/)).hide();
});

for (const link of ['', '/', '/session/', '/end/s', '/new/x', '/session']) {
  test(`a link to “${link}” is refused`, async (t) => {
    const world = await start(t, { scope: STUDIO });
    await follow(world, `${US}${link}`);
    await world.editor.message(/^This link can't be used\.$/);
    assert.deepEqual([world.editor.inputs, world.editor.panels], [[], []]);
  });
}
