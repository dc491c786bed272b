import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { timeOfDay, when } from '../../../src/platform/durations';
import { MINUTE, startWithSession } from '../start';

const SECOND = 1_000;

async function startIdle(t: TestContext) {
  const { world, target } = await startWithSession(t, { minutesLeft: 240 }, { comfyUi: true });
  const isBilled = () => world.control.bill().sessions[0]?.open;
  return { world, target, isBilled };
}
const clockAt = (at: number) => {
  const wall = new Date(at);
  return `${wall.getHours().toString()}:${wall.getMinutes().toString().padStart(2, '0')}`;
};

test('a session ends at the time that is typed for it, after a countdown, and row and history say so', async (t) => {
  const { world, target, isBilled } = await startIdle(t);
  const end = world.control.now() + 30 * MINUTE;
  const asked = world.run('endAt', target);
  const list = await world.editor.pick(/such as/);
  list.type('30');
  list.choose(`End ${when(end, world.control.now())}`);
  await asked;
  await world.settled();
  assert.ok((world.rows[0] ?? '').endsWith(`ends at ${timeOfDay(end)}`), world.rows[0]);
  await world.advance(29 * MINUTE + 5 * SECOND);
  const notice = await world.editor.message(/to end at this time/);
  assert.deepEqual(notice.buttons, ['Keep', 'End Now']);
  assert.equal(isBilled(), true);
  await world.advance(MINUTE + 5 * SECOND);
  assert.equal(isBilled(), false);
  assert.match(await world.files('history.jsonl').read(), /"askedToEnd".*"by":"atTime"/);
});

test('all sessions end at the time in the settings, except one that the user keeps or sets differently', async (t) => {
  const { world, target, isBilled } = await startIdle(t);
  world.editor.configure('comfydeploy.endAt', clockAt(world.control.now() + 30 * MINUTE));
  await world.advance(29 * MINUTE + 30 * SECOND);
  (await world.editor.message(/to end at this time/)).press('Keep');
  await world.advance(20 * MINUTE);
  assert.equal(isBilled(), true);

  world.editor.configure('comfydeploy.endAt', clockAt(world.control.now() + 10 * MINUTE));
  await world.settled();
  const asked = world.run('endAt', target);
  (await world.editor.pick(/such as/)).choose('Never');
  await asked;
  await world.advance(20 * MINUTE);
  assert.equal(isBilled(), true);
});
