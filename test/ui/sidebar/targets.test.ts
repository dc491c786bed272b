import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, startWithSession, targetOf } from '../start';

test('a key on a session is about that session, whatever tab is in front', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  const other = await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  await world.run('openSession', targetOf(other.id));
  const extended = world.press('extendSession', world.node('A10G'));
  const list = await world.editor.pick(/By how much/);
  assert.match(list.title ?? '', /A10G/);
  list.hide();
  await extended;
});

test('a key on a machine is about the sessions on it', async (t) => {
  const { world, id } = await startWithSession(t);
  const idle = world.control.addMachine({ ...ME, name: 'idle' });
  await world.refresh();
  await world.run('openSession', targetOf(id));

  await world.press('cancelSession', world.node('idle'));
  assert.deepEqual(world.editor.messages, [], 'nothing runs there, so nothing is ended');

  await world.control.addSession({ machineId: idle.id, gpu: 'T4', minutesLeft: 40.5 });
  await world.refresh();
  const ended = world.press('cancelSession', world.node('idle'));
  const question = await world.editor.message(/^End/);
  assert.equal(question.text, 'End the session on idle (T4), 40 min left?');
  question.dismiss();
  await ended;

  const created = world.press('createSession', world.node('idle'));
  const gpus = await world.editor.pick(/Which GPU/);
  assert.equal(gpus.title, 'New Session on idle');
  gpus.hide();
  await created;
});

test('a key is about the row that has the focus, and not about the one that is selected', async (t) => {
  const { world } = await startWithSession(t);
  const { id: machineId } = world.control.addMachine({ ...ME, name: 'flux-studio' });
  await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  world.view.selection = [world.node('flux-studio')];

  const ended = world.press('cancelSession', world.node('sd-box'));
  const question = await world.editor.message(/^End/);
  assert.match(question.text, /on sd-box \(A10G\)/);
  question.dismiss();
  await ended;

  const extended = world.press('extendSession', world.node('sd-box'));
  const list = await world.editor.pick(/By how much/);
  assert.match(list.title ?? '', /sd-box \(A10G\)/);
  list.hide();
  await extended;
});

test('a key on one of several selected rows is about all of them', async (t) => {
  const { world } = await startWithSession(t);
  const { id: machineId } = world.control.addMachine({ ...ME, name: 'flux-studio' });
  await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  const rows = [world.node('flux-studio'), world.node('sd-box')];
  world.view.selection = rows;
  const ended = world.press('cancelSession', rows[1]);
  const question = await world.editor.message(/^End/);
  assert.match(question.text, /^End 2 sessions/);
  question.dismiss();
  await ended;
});

test('a key does nothing where the row with the focus is not known, or is neither a session nor a machine', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('openSession', targetOf(id));
  world.control.dropMachine(world.control.machines()[0]!.id);
  await world.refresh();
  world.view.selection = [world.node('A10G')];

  const asked = { $treeViewId: 'comfydeploy.sessions', $focusedTreeItem: true };
  for (const row of [undefined, null, world.node('Sessions on unlisted machines'), asked, { kind: 'session' }]) {
    for (const name of ['cancelSession', 'extendSession'] as const) await world.run(name, [{ from: 'focus' }, row]);
  }
  assert.deepEqual([world.editor.messages, world.editor.openInput], [[], undefined]);
  const { extended, cancelled } = world.control.bill();
  assert.deepEqual([extended, cancelled], [0, 0]);
});

test('the plus in the title asks for the machine, the row with the focus first; a row’s own takes its machine', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'attic' });
  world.control.addMachine({ ...ME, name: 'zebra' });
  await world.refresh();
  for (const [row, first] of [
    [world.node('zebra'), 'zebra'],
    [world.node('sd-box'), 'sd-box'],
    [undefined, undefined],
  ] as const) {
    const asked = world.run('newSession', row);
    const list = await world.editor.pick(/On which machine/);
    assert.deepEqual(list.labels, ['sd-box', 'attic', 'zebra']);
    assert.equal(list.activeItems[0]?.label, first);
    list.hide();
    await asked;
  }
  for (const name of ['zebra', 'sd-box']) {
    const taken = world.run('createSession', world.node(name));
    const list = await world.editor.pick(/Which GPU/);
    assert.equal(list.title, `New Session on ${name}`);
    list.hide();
    await taken;
  }
});

test('a machine that cannot host a session is refused before anything is asked', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'attic', type: 'classic' });
  await world.refresh();
  await world.press('createSession', world.node('attic'));
  assert.equal(world.editor.openInput, undefined);
  assert.match((await world.editor.message(/attic/)).text, /^attic can't run sessions\. No session was started\.$/);
});

test('a click on the status item lists all sessions, those that end first at the top, whatever tab is in front', async (t) => {
  const { world, id } = await startWithSession(t);
  for (const [gpu, minutesLeft] of [
    ['H100', 50.5],
    ['L4', 10.5],
  ] as const)
    await world.control.addSession({ machineId: world.control.session(id)!.machineId, gpu, minutesLeft });
  await world.refresh();
  await world.run('openSession', targetOf(id));
  const { command, text } = world.status;
  assert.match(text, /sd-box 10 min$/);
  const { command: name, arguments: args = [] } = command as { command: string; arguments?: unknown[] };
  const clicked = world.editor.run(name, ...args);
  const list = await world.editor.pick(/Choose a session/);
  assert.deepEqual(list.labels, ['L4 on sd-box', 'A10G on sd-box', 'H100 on sd-box']);
  list.choose('H100 on sd-box');
  const actions = await world.editor.pick(/What do you want to do/);
  assert.equal(actions.title, 'sd-box (H100), 50 min left');
  actions.hide();
  await clicked;
});

test('a command without a row is about the tab in front, or the only session, or asks', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('copySessionId');
  assert.equal(world.editor.clipboard, id);

  const { machineId } = world.control.session(id)!;
  const other = await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  const copied = world.run('copySessionId');
  const list = await world.editor.pick(/Copy the ID of which session/);
  assert.deepEqual(list.labels.toSorted(), ['A10G on sd-box', 'H100 on sd-box']);
  assert.equal(list.describe('H100 on sd-box'), '50 min left');
  list.choose('H100 on sd-box');
  await copied;
  assert.equal(world.editor.clipboard, other.id);

  await world.run('openSession', targetOf(id));
  await world.run('copySessionId');
  assert.equal(world.editor.clipboard, id);
});

test('only sessions that can do it are offered, and none is no question', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  await world.control.addSession({ machineId, gpu: 'H100', state: 'starting', minutesOld: 0 });
  await world.refresh();
  await world.run('copySessionUrl');
  assert.match(world.editor.clipboard, /^https:/, 'the other one has no page yet');

  for (const session of world.control.sessions()) await world.control.endSession(session.id);
  await world.refresh();
  await world.advance(MINUTE);
  await world.run('extendSession');
  await world.run('openSession', targetOf(id));
  assert.deepEqual([world.editor.openInput, world.editor.panels], [undefined, []]);
});
