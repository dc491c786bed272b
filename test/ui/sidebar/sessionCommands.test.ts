import assert from 'node:assert/strict';
import test from 'node:test';
import { start, startWithSession } from '../start';

test('the address of a session is copied with a warning of what it is', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('copySessionUrl', target);
  assert.equal(world.editor.clipboard, world.control.session(id)?.url);
  assert.deepEqual(world.editor.statusMessages, ['Address copied. Anyone who has it controls the session.']);
});

test('the id of a session is copied', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('copySessionId', target);
  assert.equal(world.editor.clipboard, id);
});

test('a session is opened in the browser at its own address', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSessionInBrowser', target);
  assert.deepEqual(world.editor.opened, [world.control.session(id)?.url]);
});

test('a session that is still starting has no address to give', async (t) => {
  const { world, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  await world.run('copySessionUrl', target);
  await world.run('openSessionInBrowser', target);
  assert.deepEqual([world.editor.clipboard, world.editor.opened], ['', []]);
  assert.equal(world.editor.messages[0]?.text, 'This session is not ready yet. Wait until it is.');
});

for (const url of [
  'http://plain.example/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'command:workbench.action.quit',
]) {
  test(`an address like ${url.split(':')[0]}: is neither opened nor copied`, async (t) => {
    const { world, id, target } = await startWithSession(t);
    world.control.alterSession(id, { url });
    await world.refresh();
    await world.run('openSessionInBrowser', target);
    await world.run('copySessionUrl', target);
    assert.deepEqual([world.editor.clipboard, world.editor.opened], ['', []]);
    assert.match(world.editor.messages[0]?.text ?? '', /neither https nor on this computer/);
  });
}

test('the actions of a session are those it can do now', async (t) => {
  const { world, target } = await startWithSession(t);
  const offered = world.run('sessionActions', target);
  const list = await world.editor.pick(/What do you want to do/);
  assert.equal(list.title, 'sd-box (A10G), 20 min left');
  assert.deepEqual(list.labels, [
    'Open',
    'Extend…',
    'On Lease',
    'Keep Alive While Rendering',
    'End When Idle…',
    'End at a Time…',
    'End When Queue Is Empty',
    'End…',
    'Save Outputs…',
    'Save Workflow…',
    'Save and End…',
    'Open in Browser',
    'Show Log',
  ]);
  list.choose('Open');
  await offered;
  assert.equal(world.editor.panels.length, 1);
});

test('the dashboard opens at the sessions, or at the machine whose row was meant', async (t) => {
  const { world } = await startWithSession(t);
  await world.run('openDashboard');
  await world.run('openDashboard', world.node('sd-box'));
  const { id } = world.control.machines()[0]!;
  assert.deepEqual(
    world.editor.opened.map((address) => new URL(address).pathname),
    ['/sessions', `/machines/${id}`],
  );
});

test('the log can be shown', async (t) => {
  const world = await start(t);
  await world.run('showLog');
  assert.equal(world.editor.channels[0]?.isShown, true);
});

test('a row or a notice whose session is gone says so, and does nothing', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.control.endSession(id);
  await world.refresh();
  const names = ['openSession', 'extendSession', 'cancelSession', 'copySessionUrl', 'reloadSession'] as const;
  for (const name of names) await world.run(name, target);
  const { messages, panels, clipboard, openInput } = world.editor;
  assert.deepEqual(
    messages.map(({ text }) => text),
    names.map(() => 'This session has already ended.'),
  );
  assert.deepEqual([panels, clipboard, openInput], [[], '', undefined]);
});

test('a session that is still starting cannot be opened in the browser', async (t) => {
  const { world, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  const offered = world.run('sessionActions', target);
  const list = await world.editor.pick(/What do you want to do/);
  assert.ok(list.labels.some((label) => label.endsWith('Open')));
  assert.ok(!list.labels.some((label) => label.endsWith('Open in Browser')));
  list.hide();
  await offered;
});
