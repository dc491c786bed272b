import assert from 'node:assert/strict';
import test from 'node:test';
import { SimulatorClock } from '../simulator/clock';
import { startSimulator } from '../simulator/simulator';
import { ME, MINUTE, start, startWithSession, type World } from './start';

const viewState = ({ editor }: World) => editor.contexts.get('comfydeploy.view');
const asked = ({ control }: World) => control.requests().length;

test('signing out forgets the key and all that was known, and asks no more', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('signOut');
  await world.settled();
  assert.deepEqual([viewState(world), world.rows, world.secrets.kept.size], ['signedOut', [], 0]);
  assert.deepEqual([world.status.isVisible, world.view.badge], [false, undefined]);

  const before = asked(world);
  await world.advance(10 * MINUTE);
  world.editor.setFocused(false);
  world.editor.setFocused(true);
  await world.refresh();
  assert.equal(asked(world), before);
  assert.equal(world.control.session(id)?.endedAt, null, 'signing out ends no session');
});

test('another window signs this one in and out', async (t) => {
  const world = await start(t, { scope: null, furnish: (control) => void control.addMachine({ ...ME, name: 'a' }) });
  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows], ['rows', ['a: A10G']]);

  for (const slot of world.secrets.kept.keys()) await world.secrets.delete(slot);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows], ['signedOut', []]);
});

test('a secret of somebody else is none of our business', async (t) => {
  const { world } = await startWithSession(t);
  const before = asked(world);
  await world.secrets.store('another.extension', 'x');
  await world.settled();
  assert.equal(asked(world), before);
});

test('a key that is revoked meanwhile signs out once, silently, and is not thrown away', async (t) => {
  const { world } = await startWithSession(t);
  world.control.revokeKey(world.keys.mine);
  await world.advance(MINUTE);
  assert.deepEqual([viewState(world), world.rows], ['rejected', []]);
  const before = asked(world);
  await world.advance(10 * MINUTE);
  assert.equal(asked(world), before);
  assert.deepEqual([world.editor.messages, [...world.secrets.kept.values()]], [[], [world.keys.mine]]);
});

test('a command that meets a revoked key offers to sign in', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.revokeKey(world.keys.mine);
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  assert.deepEqual(
    world.editor.messages.map(({ buttons }) => buttons),
    [['Sign In']],
  );
  assert.equal(viewState(world), 'rejected');
});

test('a key from the environment serves where none is stored, is shown, and is never stored', async (t) => {
  const simulator = await startSimulator({ clock: new SimulatorClock({ frozenAt: 0 }), comfyUi: false });
  const environmentKey = simulator.control.keys()[0]?.token ?? '';
  await simulator.close();
  const world = await start(t, { scope: null, environmentKey });
  assert.equal(viewState(world), 'rejected', 'it is used: this server refuses it');
  assert.equal(world.secrets.kept.size, 0);
  await world.run('signOut');
  const message = await world.editor.message(/COMFYDEPLOY_API_KEY/);
  assert.equal(message.kind, 'information');

  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.equal(viewState(world), 'noMachines', 'a stored one goes first');
});

test('each server has a key of its own', async (t) => {
  const { world } = await startWithSession(t);
  const other = await startSimulator({ clock: new SimulatorClock({ frozenAt: world.control.now() }), comfyUi: false });
  t.after(other.close);
  world.editor.configure('comfydeploy.apiUrl', other.apiUrl);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows, other.control.requests()], ['signedOut', [], []]);

  await world.keepKey(other.control.keys()[0]?.token ?? '', other.apiUrl);
  await world.settled();
  assert.equal(viewState(world), 'noMachines');
  world.editor.configure('comfydeploy.apiUrl', world.apiUrl);
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: A10G', 'A10G: 20 min left']);
});

test('what is disposed asks nothing and wants to be woken for nothing', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  world.dispose();
  const before = asked(world);
  await world.advance(10 * MINUTE);
  assert.equal(asked(world), before);
  assert.equal(world.isIdle, true);
  assert.equal(world.editor.commands.size, 0);
  assert.deepEqual(
    world.editor.panels.map(({ isDisposed }) => isDisposed),
    [true],
  );
});
