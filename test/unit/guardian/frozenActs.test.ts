import assert from 'node:assert/strict';
import test from 'node:test';
import { NotSent } from '../../../src/platform/errors';
import type { ManualClock } from '../../fakes/manualClock';
import { settled } from '../../fakes/manualClock';
import { phasesOf } from '../../fakes/setup';
import { SECOND, MINUTE, ONE, DELETE, setupActs, setupWindow } from './frozenActs';

test('what was decided leaves while it is young by both clocks: a sleep shows on one of them only', async () => {
  const awake = (clock: ManualClock, ms: number) => clock.advance(ms);
  const asleep = (clock: ManualClock, ms: number) => Promise.resolve(clock.jump(ms));
  const setBack = async (clock: ManualClock, ms: number) => {
    await clock.advance(ms);
    clock.jump(-ms);
  };
  for (const pass of [awake, asleep, setBack]) {
    const { clock, acts } = setupActs();
    const permit = acts.decide({ lasts: MINUTE });
    await pass(clock, MINUTE);
    await permit();
    await pass(clock, 1);
    await assert.rejects(permit(), NotSent);
    await assert.rejects(acts.decide({ lasts: -1 })(), /passed before it could leave/);
  }
});

test('what is decided on the user’s behalf leaves from the leader, on a reading made just before', async () => {
  const { clock, leadership, acts } = setupActs();
  const right = { is: true, takes: 0 };
  let looks = 0;
  const isRight = async () => {
    looks++;
    clock.jump(right.takes);
    return Promise.resolve(right.is);
  };
  const permit = acts.decide({ isLed: true, isRight });
  await permit();
  await permit();
  assert.equal(looks, 2, 'looked at each time it leaves');
  right.is = false;
  await assert.rejects(permit(), /no longer right/);
  right.is = true;
  right.takes = 10 * SECOND + 1;
  await assert.rejects(permit(), NotSent, 'frozen after the reading');
  right.takes = 0;
  leadership.isLeader = false;
  await assert.rejects(permit(), /Another window/);
  assert.equal(looks, 4, 'nobody is asked for nothing');
  leadership.isLeader = true;
  leadership.confirm = () => Promise.resolve(false);
  await assert.rejects(permit(), /Another window/, 'who only believes to lead');
});

test('what was decided for one account does not leave for another', async () => {
  const { acts } = setupActs();
  const permit = acts.decide();
  acts.reset();
  await assert.rejects(permit(), /Another account/);
  await acts.decide()();
});

test('what was sent and got no answer is not sent again after a freeze, and is not said to have been refused', async () => {
  const { api, clock, comfyUi, store, close } = await setupWindow();
  api.fail(DELETE, { kind: 'unreachable' });
  const rejection = assert.rejects(store.end(ONE), /could not be reached.* Retrying automatically/);
  await settled();
  assert.equal(api.count(DELETE), 1);
  clock.jump(10 * MINUTE);
  comfyUi.remaining = 1;
  await clock.advance(SECOND);
  await rejection;
  assert.equal(api.count(DELETE), 1);
  close();
});

test('an end that nobody could prove before a long sleep is not asked for again in the middle of a render', async () => {
  for (const isRendering of [true, false]) {
    const { api, clock, comfyUi, store, close } = await setupWindow();
    const unheard = Array.from({ length: 3 }, () => ({ kind: 'unreachable' }) as const);
    api.fail(DELETE, ...unheard);
    const givenUp: string[] = [];
    store.onDidGiveUp((id) => givenUp.push(id));
    await assert.rejects(clock.finish(store.end(ONE)), /Retrying automatically/);
    const before = api.count(DELETE);
    clock.jump(15 * MINUTE);
    if (isRendering) comfyUi.remaining = 1;
    await clock.advance(30 * SECOND);
    assert.equal(api.count(DELETE) > before, !isRendering);
    assert.deepEqual(givenUp, isRendering ? ['one'] : []);
    assert.deepEqual(phasesOf(store.snapshot), [isRendering ? 'one ready' : 'one ending']);
    close();
  }
});
