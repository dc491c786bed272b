import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Announcement } from '../../src/guardian/announcement';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import type { GuardPreferences } from '../../src/sessions/preferences';
import type { SessionId } from '../../src/comfydeploy/model';
import { Rounds } from '../../src/windows/round';
import { createGuarding } from '../../src/timers';
import { sessionId } from '../fakes/setup';
import { PERSON } from './start';
import { userOf, Windows } from './windows';
import { NO_PREFERENCES, USUAL_SETTINGS } from '../fakes/guardSettings';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOURS = { seconds: 7_200 };

/** A window with everything that runs by itself in it, and the announcements of its guardian. */
function open(windows: Windows, usual: GuardPreferences) {
  const said: Announcement[] = [];
  const user = userOf();
  const { clock } = windows;
  const { app, crash } = windows.open({
    guardSettings: () => ({ ...USUAL_SETTINGS, usual }),
    display: () => ({ warnAt: [15, 5, 1], spendingLimits: NO_SPENDING_LIMITS }),
    presence: () => user,
  });
  app.guardian.onDidAnnounce((one) => said.push(one));
  const rounds = new Rounds({ ...app, ...app.windows, clock, failed: assert.ifError, during: (round) => round() });
  const guarding = createGuarding(app, { clock, failed: assert.ifError });
  rounds.start();
  const turnTo = (isFocused: boolean) => {
    Object.assign(user, { isFocused, isWatched: isFocused });
    rounds.look();
    guarding.wake();
  };
  const use = (inUse: readonly SessionId[]) => void Object.assign(user, { inUse });
  const close = () => {
    rounds.dispose();
    guarding.dispose();
    crash();
  };
  return { said, turnTo, use, close, app, leadership: app.windows.leadership, guardian: app.guardian };
}

/** Three windows and one session of an hour with a ComfyUI. */
async function startThree(t: TestContext, minutesLeft: number, preferences: Partial<GuardPreferences> = {}) {
  const windows = await Windows.start({ comfyUi: true });
  const { control } = windows.simulator;
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  const { id } = await control.addSession({ machineId, minutesLeft });
  const comfyUi = control.comfyUi(id)!;
  comfyUi.startJob(HOURS);
  const three = [0, 1, 2].map(() => open(windows, { ...NO_PREFERENCES, ...preferences }));
  t.after(async () => {
    for (const { close } of three) close();
    await windows.simulator.close();
  });
  await windows.advance(10 * SECOND);
  const leader = () => three.find(({ leadership }) => leadership.isLeader)!;
  const follower = () => three.find(({ leadership }) => !leadership.isLeader)!;
  const said = (kind: Announcement['kind']) => three.flatMap((one) => one.said.filter((each) => each.kind === kind));
  const crash = (one: (typeof three)[number]) => {
    one.close();
    three.splice(three.indexOf(one), 1);
    return one;
  };
  return { windows, control, id: sessionId(id), comfyUi, three, leader, follower, said, crash };
}

test('of three windows one warns, and whoever takes over says nothing twice', async (t) => {
  const { windows, three, leader, said, crash } = await startThree(t, 8);
  leader().turnTo(true);
  await windows.advance(4 * MINUTE);
  assert.equal(said('warn').length, 1);
  const first = crash(leader());
  assert.equal(first.said.filter(({ kind }) => kind === 'warn').length, 1);
  await windows.advance(15 * SECOND);
  three[0]?.turnTo(true);
  await windows.advance(30 * SECOND);
  three[0]?.turnTo(false);
  three[1]?.turnTo(true);
  await windows.advance(30 * SECOND);
  assert.equal(said('warn').length, 0, 'what the first one said, nobody repeats');
  await windows.advance(3 * MINUTE);
  assert.deepEqual(
    [three[0]?.said, three[1]?.said].map((all) => all?.filter(({ kind }) => kind === 'warn').length),
    [0, 1],
    'the next rung is said where the user is',
  );
});

test('of three windows one keeps a render alive, step by step, whichever of them dies', async (t) => {
  const { windows, control, leader, said, crash } = await startThree(t, 4, { keepAlive: true });
  await windows.advance(2 * MINUTE);
  assert.equal(control.bill().extended, 1);
  crash(leader());
  await windows.advance(5 * MINUTE);
  assert.equal(control.bill().extended, 2);
  assert.equal(said('extended').length, 1);
  assert.equal(control.bill().sessions[0]?.open, true);
});

test('a countdown goes on in the window that takes over, which says so, and the session is ended once', async (t) => {
  const { windows, control, id, comfyUi, leader, follower, crash, three } = await startThree(t, 60, { endWhenIdle: 5 });
  await comfyUi.finishJob();
  await windows.advance(5.5 * MINUTE);
  const endsAt = leader().guardian.countdowns.get(id)!;
  assert.ok(endsAt - control.now() > 20 * SECOND);
  assert.equal(follower().guardian.countdowns.get(id), endsAt, 'the others show it, too');
  assert.deepEqual(follower().said, []);

  const first = crash(leader());
  assert.deepEqual(
    first.said.map(({ kind }) => kind),
    ['countdown'],
  );
  await windows.advance(endsAt - control.now() - SECOND);
  assert.equal(control.bill().sessions[0]?.open, true);
  await windows.advance(15 * SECOND);
  assert.equal(control.bill().sessions[0]?.open, false);
  assert.deepEqual(
    three.flatMap(({ said }) => said.map(({ kind }) => kind)),
    ['countdown', 'ended'],
  );
  assert.equal(control.bill().cancelled, 1);
});

test('what is preferred, kept or muted in one window counts in all', async (t) => {
  const { windows, control, id, comfyUi, leader, follower } = await startThree(t, 60);
  await comfyUi.finishJob();
  await follower().guardian.prefer(id, { endWhenIdle: 5 });
  await windows.advance(5.5 * MINUTE);
  assert.equal(leader().app.appState().preferencesOf(id).endWhenIdle, 5);
  assert.equal(leader().guardian.countdowns.size, 1);

  await follower().guardian.keep(id);
  await windows.advance(3 * MINUTE);
  assert.equal(control.bill().sessions[0]?.open, true);
  assert.equal(leader().guardian.countdowns.size, 0);

  await follower().guardian.prefer(id, { endWhenIdle: 0 });
  await follower().guardian.mute(id);
  control.setMinutesLeft(id, 6);
  leader().turnTo(true);
  await windows.advance(4 * MINUTE);
  assert.deepEqual(
    leader().said.filter(({ kind }) => kind === 'warn'),
    [],
  );
});

test('a session in use in another window is not ended', async (t) => {
  const { windows, control, id, comfyUi, follower } = await startThree(t, 60, { endWhenIdle: 5 });
  await comfyUi.finishJob();
  const user = follower();
  user.turnTo(true);
  user.use([id]);
  await windows.advance(8 * MINUTE);
  assert.equal(control.bill().sessions[0]?.open, true);
  user.use([]);
  await windows.advance(7 * MINUTE);
  assert.equal(control.bill().sessions[0]?.open, false);
});

test('an hour of one window, in which nothing happens, writes next to nothing', async (t) => {
  for (const isWatched of [true, false]) {
    const { windows, three, crash, id, control, comfyUi } = await startThree(t, 240);
    await comfyUi.finishJob();
    while (three.length > 1) crash(three[0]!);
    const [one] = three;
    one?.turnTo(isWatched);
    await windows.advance(2 * MINUTE);
    windows.writes = 0;
    await windows.advance(60 * MINUTE);
    assert.equal(one?.leadership.isLeader, true);
    assert.equal(control.bill().sessions[0]?.open, true);
    assert.ok(one.app.appState().work.get(id), 'its queue is read');
    assert.ok(windows.writes < 20, `${windows.writes} writes`);
  }
});
