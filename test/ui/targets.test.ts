import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, startWithSession, targetOf, type World } from './start';

const select = (world: World, label: string) => (world.view.selection = [world.node(label)]);

test('a key on a session is about that session, whatever tab is in front', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  const other = await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  await world.run('openSession', targetOf(other.id));
  select(world, 'A10G');
  const extended = world.run('extendSession', { from: 'selection' });
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

  select(world, 'idle');
  await world.run('cancelSession', { from: 'selection' });
  assert.deepEqual(world.editor.messages, [], 'nothing runs there, so nothing is ended');

  await world.control.addSession({ machineId: idle.id, gpu: 'T4', minutesLeft: 40.5 });
  await world.refresh();
  const ended = world.run('cancelSession', { from: 'selection' });
  const question = await world.editor.message(/^End/);
  assert.equal(question.text, 'End the session on idle (T4), 40 min left?');
  question.dismiss();
  await ended;

  const created = world.run('createSession', { from: 'selection' });
  const gpus = await world.editor.pick(/Which GPU/);
  assert.equal(gpus.title, 'New Session on idle');
  gpus.hide();
  await created;
});

test('a command without a row is about the tab in front, or the only session, or asks', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('copySessionId');
  assert.equal(world.editor.clipboard, id);

  const { machineId } = world.control.session(id)!;
  const other = await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
  await world.refresh();
  const copied = world.run('copySessionId');
  const list = await world.editor.pick(/Copy the id of which session/);
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
