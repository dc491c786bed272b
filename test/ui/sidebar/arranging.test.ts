import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, startWithSession, type World } from '../start';

async function choose(world: World, label: string): Promise<void> {
  const asked = world.run('arrangeRows');
  (await world.editor.pick(/what the view shows/)).choose(label);
  await asked;
}

test('the rows are filtered as chosen, the view says so, and a new window keeps to it', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'attic' });
  await world.refresh();
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G', 'attic: A10G']);

  await choose(world, 'Show only sessions');
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  assert.equal(world.view.description, 'sessions only');

  const asked = world.run('arrangeRows');
  const list = await world.editor.pick(/what the view shows/);
  assert.equal(list.describe('Show only sessions'), 'on');
  list.choose('Show all machines and sessions');
  await asked;
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G', 'attic: A10G']);
  assert.equal(world.view.description, '');
});

test('an empty view says that a filter is why', async (t) => {
  const { world } = await startWithSession(t);
  await choose(world, 'Show only my sessions');
  assert.equal(world.view.message ?? '', '');
  await world.advance(21 * MINUTE);
  await world.refresh();
  assert.deepEqual(world.rows, []);
  assert.match(world.view.message ?? '', /filter/);
});
