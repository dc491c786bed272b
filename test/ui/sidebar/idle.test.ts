import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, start } from '../start';

const HOUR = 60 * MINUTE;

test('with nothing running and the view hidden, nothing is asked, no timer goes off within a minute of another, and nothing is remembered anew', async (t) => {
  const world = await start(t, {
    furnish: (control) => void control.addMachine({ ...ME, name: 'sd-box' }),
  });
  world.view.setVisible(false);
  await world.advance(2 * MINUTE); // so that what was just learned is written
  const asked = JSON.stringify(world.control.counts());
  const kept: string[] = [];
  const update = world.memory.update.bind(world.memory);
  t.mock.method(world.memory, 'update', (key: string, value: unknown) => {
    kept.push(key);
    return update(key, value);
  });
  const before = world.woken.length;

  await world.advance(HOUR);

  assert.equal(JSON.stringify(world.control.counts()), asked, 'something was asked');
  assert.deepEqual(kept, []);
  const times = world.woken.slice(before);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  assert.ok(times.length > 0 && Math.min(...gaps) >= MINUTE, `it was woken after ${Math.min(...gaps)} ms`);
});
