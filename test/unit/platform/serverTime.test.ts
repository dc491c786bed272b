import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerTime } from '../../../src/platform/serverTime';
import { ManualClock } from '../../fakes/manualClock';
import { setup } from '../../fakes/setup';
import { DAY, World } from './serverTime';

test('before the server is heard its time is ours', () => {
  const clock = new ManualClock();
  assert.equal(new ServerTime(clock).now(), clock.now());
});

test('deadlines are compared with the time of the server, ages with ours', async () => {
  const { api, clock, app, store } = setup();
  api.clockOffset = 3 * DAY;
  await store.refresh();

  const { now, localNow } = app.appState();

  assert.equal(localNow, clock.now());
  assert.ok(Math.abs(now - localNow - 3 * DAY) <= 1_000);
});

test('clocks that drift apart by a second in hours have not jumped', async () => {
  const world = new World(0);
  const quick = { pause: 15_000, there: 20, back: 20 };
  for (let i = 0; i < 500; i++) {
    world.setClock(-5); // 5 ms in 15 s: a clock that is being corrected
    await world.ask(quick);
    assert.ok(world.error <= 1_001, `${world.error} after ${i}`);
  }
});

test('what another window says of the time never outweighs the server, and is never for sure', () => {
  const clock = new ManualClock();
  const time = new ServerTime(clock);
  time.hear(clock.now() + DAY);
  assert.deepEqual([time.now() - clock.now(), time.isSure], [DAY, false], 'better than nothing');
  time.learn(clock.now(), 0);
  time.hear(clock.now() + DAY);
  assert.equal(time.isSure, true);
  assert.ok(Math.abs(time.now() - clock.now()) <= 1_000);
});
