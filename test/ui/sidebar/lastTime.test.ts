import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import { ThemeIcon } from '../../fakes/vscode';
import { ME, MINUTE, start, startWithSession, type World } from '../start';

/** Closes the window for a while and opens another one, where ComfyDeploy does not answer yet. */
async function reopenUnanswered(world: World, ms = 5 * MINUTE): Promise<() => Promise<void>> {
  world.dispose();
  await world.advance(ms);
  const answer: { give: () => void } = { give: () => undefined };
  const held = new Promise<void>((resolve) => (answer.give = resolve));
  world.before = () => held;
  const opened = world.reopen();
  await world.until('the rows of last time', () => world.view.message);
  return () => {
    answer.give();
    return opened;
  };
}

async function startAndClose(t: TestContext) {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'other-box' });
  await world.refresh();
  return world;
}

test('a window shows the rows of last time, dimmed and with their age, until the first answer', async (t) => {
  const world = await startAndClose(t);
  const answer = await reopenUnanswered(world);
  assert.deepEqual(world.rows, ['sd-box: 15m · A10G', 'other-box: A10G']);
  assert.equal(world.view.message, 'Updated 5 min ago.');
  for (const node of world.nodes()) {
    const item = world.item(node);
    const uri = item.resourceUri as unknown as vscode.Uri;
    const decoration = world.editor.decorations[0]?.provideFileDecoration(uri, {} as vscode.CancellationToken);
    assert.ok(decoration, 'it is dimmed');
    assert.ok(!(item.iconPath instanceof ThemeIcon && item.iconPath.id === 'vm-running'), 'nothing is said to run');
    assert.equal(item.contextValue, undefined, 'nothing can be done with it');
    assert.equal(item.command, undefined);
  }
  await answer();
  assert.equal(world.view.message, '');
  assert.deepEqual(world.rows, ['sd-box: 15m · A10G', 'other-box: A10G']);
  assert.match(String(world.item(world.node('sd-box')).contextValue), /^session/);
});

test('a session that has ended meanwhile is not shown as running', async (t) => {
  const world = await startAndClose(t);
  const answer = await reopenUnanswered(world, 60 * MINUTE);
  assert.deepEqual(world.rows, ['sd-box: A10G', 'other-box: A10G']);
  await answer();
});

test('a first answer that fails takes the rows of last time away, and says why there are none', async (t) => {
  const world = await startAndClose(t);
  world.dispose();
  world.control.setOffline(true);
  await world.advance(5 * MINUTE);
  const opened = world.reopen();
  await world.advance(MINUTE);
  await world.finish(opened);
  assert.deepEqual([world.rows, world.viewState], [[], 'noWay']);
});

test('another account does not see the rows of the last one', async (t) => {
  const world = await startAndClose(t);
  world.dispose();
  await world.keepKey(world.keys.studio);
  const answer: { give: () => void } = { give: () => undefined };
  const held = new Promise<void>((resolve) => (answer.give = resolve));
  world.before = () => held;
  const opened = world.reopen();
  await world.until('the view', () => world.viewState === 'loading');
  assert.deepEqual(world.rows, []);
  answer.give();
  await opened;
});

test('what is kept holds no key, no address and no id, and goes when the user signs out', async (t) => {
  const world = await startAndClose(t);
  const text = JSON.stringify(world.memory.get('lastTime'));
  assert.match(text, /sd-box/);
  for (const secret of [...Object.values(world.keys), 'http', ...world.control.sessions().map(({ id }) => id)])
    assert.ok(!text.includes(secret), 'it tells too much');
  const out = world.run('signOut');
  (await world.editor.message(/./)).press('Sign Out');
  await out;
  await world.settled();
  assert.equal(world.memory.get('lastTime'), undefined);
});

test('what is kept is written again only where it reads differently', async (t) => {
  const { world } = await startWithSession(t);
  const writes: string[] = [];
  const update = world.memory.update.bind(world.memory);
  t.mock.method(world.memory, 'update', (key: string, value: unknown) => {
    writes.push(key);
    return update(key, value);
  });
  await world.advance(9 * MINUTE);
  assert.deepEqual(
    writes.filter((key) => key === 'lastTime'),
    [],
  );
});

test('signed out, a window loads nothing but what it shows, asks nothing and sets no timer', async (t) => {
  const world = await start(t, { scope: null });
  assert.equal(world.viewState, 'signedOut');
  assert.deepEqual(world.editor.channels, [], 'the rest of the extension is there');
  assert.ok(world.isIdle, 'a timer is set');
  assert.deepEqual(world.control.counts(), {});
});

test('somebody who signs in, in this window or another one, gets the rest', async (t) => {
  const world = await start(t, { scope: null });
  await world.keepKey(world.keys.mine);
  await world.until('the first answer', () => world.viewState === 'noMachines');
  assert.equal(world.editor.channels.length, 1);
});

test('a command of somebody who is signed out is carried out', async (t) => {
  const world = await start(t, { scope: null });
  await world.run('showLog');
  assert.equal(world.editor.channels[0]?.isShown, true);
});
