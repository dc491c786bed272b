import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError, NotSent } from '../../../src/platform/errors';
import { Acts } from '../../../src/sessions/acts';
import type { Announcement } from '../../../src/guardian/announcement';
import { memoryFiles } from '../../../src/platform/journal';
import { NO_WISH, type Wish } from '../../../src/sessions/wishes';
import { Rounds } from '../../../src/windows/round';
import { createGuarding } from '../../../src/timers';
import { FakeComfyUi } from '../../fakes/comfyUi';
import { Freezer } from '../../fakes/freezer';
import { FakeKeyRing } from '../../fakes/keys';
import { ManualClock, settled } from '../../fakes/manualClock';
import { KEY, machineId, phasesOf, readyOf, SERVER, sessionId, setup, setupServer } from '../../fakes/setup';
import { FakeMemento } from '../../fakes/vscode/storage';
import { naive, sessionWire } from '../../fakes/wire';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ONE = sessionId('one');
const DELETE = 'DELETE /session/one';
const EXTEND = 'POST /session/one/increase-timeout';
const CREATE = 'POST /session';

function setupActs() {
  const clock = new ManualClock();
  const seat = { isMine: true, confirm: () => Promise.resolve(seat.isMine) };
  return { clock, seat, acts: new Acts({ clock, seat }) };
}

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
    await assert.rejects(acts.decide({ lasts: -1 })(), /too much time passed before it could leave/);
  }
});

test('however both clocks go, what is older by either of them does not leave', async () => {
  const passing = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -90, max: 90 })), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(passing, async (steps) => {
      const { clock, acts } = setupActs();
      const began = { wall: clock.now(), steady: clock.monotonic() };
      const permit = acts.decide({ lasts: MINUTE });
      for (const [isJump, seconds] of steps)
        await Promise.resolve(isJump ? clock.jump(seconds * SECOND) : clock.advance(Math.abs(seconds) * SECOND));
      const age = Math.max(clock.now() - began.wall, clock.monotonic() - began.steady);
      if (age > MINUTE) await assert.rejects(permit(), NotSent);
      else await permit();
    }),
  );
});

test('what is decided on the user’s behalf leaves from the window with the seat, on a reading made just before', async () => {
  const { clock, seat, acts } = setupActs();
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
  seat.isMine = false;
  await assert.rejects(permit(), /another window/);
  assert.equal(looks, 4, 'nobody is asked for nothing');
});

test('what was decided for one account does not leave for another', async () => {
  const { acts } = setupActs();
  const permit = acts.decide();
  acts.reset();
  await assert.rejects(permit(), /another account/);
  await acts.decide()();
});

/** A window that can freeze wherever it waits, with all that runs by itself in it, over one session that is idle. */
async function setupWindow(wish: Partial<Wish> = {}, minutesLeft = 30) {
  const freezer = new Freezer();
  const server = setupServer();
  const { api } = server;
  api.sessions = [
    sessionWire('one', server.clock.now(), { timeout_end: naive(server.clock.now() + minutesLeft * MINUTE) }),
  ];
  const comfyUi = new FakeComfyUi(server.clock);
  const fetch: typeof globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : input;
    const { hostname, pathname } = new URL(address);
    return hostname.endsWith('tunnel.test') ? comfyUi.answer(pathname, init?.signal) : api.fetch(input, init);
  };
  const clock = freezer.clockOf(server.clock);
  const world = setup(freezer.filesOf(memoryFiles()), new FakeMemento(), server, {
    clock,
    fetch: freezer.fetchFrom(fetch),
    keys: freezer.keysOf(new FakeKeyRing({ token: KEY, source: 'stored', server: SERVER })),
    rules: () => ({ usual: { ...NO_WISH, ...wish }, keepAliveUpTo: 60, watchOthers: false, saveBeforeEnd: false }),
  });
  const { app } = world;
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const said: Announcement[] = [];
  app.guardian.onDidAnnounce((one) => said.push(one));
  const rounds = new Rounds({ ...app, clock, failed, during: (round) => round() });
  const guarding = createGuarding(app, { clock, failed });
  rounds.start();
  await world.clock.advance(5 * SECOND);
  const close = () => [rounds, guarding, app.life].forEach((one) => one.dispose());
  const frozenFor = async (ms: number, meanwhile = () => {}) => {
    if (!freezer.isFrozen) return false;
    meanwhile();
    await world.clock.advance(ms);
    freezer.thaw();
    return true;
  };
  return { ...world, comfyUi, freezer, failures, said, close, frozenFor };
}

/** Freezes for ten minutes at each single step that a window takes, and looks at what left afterwards. */
async function everywhere(
  what: string,
  live: (at: number) => Promise<{ readonly isFrozen: boolean; readonly hasLeft: boolean }>,
): Promise<void> {
  let [frozen, left] = [0, 0];
  for (let at = 1; ; at++) {
    const { isFrozen, hasLeft } = await live(at);
    if (!isFrozen) break;
    frozen++;
    if (hasLeft) left++;
    if (left === 3) break; // nothing more can be prevented
    assert.ok(at < 500, 'it comes to an end');
  }
  assert.ok(frozen > 5, `${what}: ${frozen} steps`);
  assert.ok(left < frozen && left > 0, `${what}: it left before ${left} of ${frozen} steps`);
}

const asks = {
  end: { call: DELETE, ask: (store: Store) => store.cancel(ONE) },
  extension: { call: EXTEND, ask: (store: Store) => store.extend(ONE, 10) },
  create: {
    call: CREATE,
    ask: (store: Store) => store.create({ machineId: machineId('machine-1'), gpu: 'T4', minutes: 15 }),
  },
} as const;
type Store = ReturnType<typeof setup>['store'];

for (const [what, { call, ask }] of Object.entries(asks)) {
  test(`a window that is frozen anywhere on the way of the user’s ${what} sends nothing once it thaws, and says so`, async () => {
    await everywhere(what, async (at) => {
      const { api, clock, freezer, store, close, frozenFor } = await setupWindow();
      freezer.freezesAt = freezer.steps + at;
      const outcome: { error?: unknown; isDone: boolean } = { isDone: false };
      const asked: Promise<unknown> = ask(store);
      asked.then(
        () => (outcome.isDone = true),
        (error: unknown) => Object.assign(outcome, { error, isDone: true }),
      );
      await clock.advance(5 * SECOND);
      const before = api.count(call);
      const isFrozen = !outcome.isDone && (await frozenFor(10 * MINUTE));
      await clock.advance(10 * SECOND);
      if (isFrozen && before === 0) {
        assert.equal(api.count(call), 0, `${what} at step ${at}`);
        const { error } = outcome;
        assert.ok(error instanceof ApiError, `told at step ${at}`);
        const isSlow = error.kind === 'offline'; // what was asked before has no answer: nothing was sent either
        assert.match(
          error.message,
          isSlow ? /did not answer/ : /^Nothing was sent, since 10 min passed .* Do it again/,
        );
        assert.deepEqual(phasesOf(store.snapshot), ['one ready'], 'and nothing else is shown');
        assert.equal(readyOf(store.snapshot).isUnsettled, undefined);
        const again: Promise<unknown> = ask(store);
        await clock.finish(again);
        assert.equal(api.count(call), 1, 'it can be repeated');
      }
      close();
      return { isFrozen, hasLeft: before > 0 };
    });
  });
}

test('a guardian that is frozen anywhere on its way to an end does not end what renders by then', async () => {
  await everywhere('end when idle', async (at) => {
    const { api, clock, comfyUi, freezer, failures, close, frozenFor, said } = await setupWindow({
      finishThenEnd: true,
    });
    comfyUi.run();
    while (!said.some(({ kind }) => kind === 'countdown')) await clock.advance(SECOND);
    await clock.advance(59 * SECOND);
    assert.equal(api.count(DELETE), 0);
    freezer.freezesAt = freezer.steps + at;
    await clock.advance(10 * SECOND);
    const before = api.count(DELETE);
    const isFrozen = await frozenFor(10 * MINUTE, () => (comfyUi.remaining = 1));
    await clock.advance(2 * MINUTE);
    if (isFrozen) assert.equal(api.count(DELETE), before, `step ${at}`);
    if (isFrozen && before === 0) assert.equal(said.filter(({ kind }) => kind === 'failed').length, 0);
    assert.deepEqual(failures, []);
    close();
    return { isFrozen, hasLeft: before > 0 };
  });
});

test('a guardian that is frozen anywhere on its way to an extension extends by what was decided later only', async () => {
  await everywhere('keep alive', async (at) => {
    const { api, clock, comfyUi, freezer, close, frozenFor } = await setupWindow({ keepAlive: true }, 4);
    comfyUi.remaining = 1;
    await clock.advance(50 * SECOND);
    assert.equal(api.count(EXTEND), 0);
    freezer.freezesAt = freezer.steps + at;
    await clock.advance(20 * SECOND);
    const before = api.count(EXTEND);
    // Somebody extends it elsewhere, and its render ends.
    const isFrozen = await frozenFor(10 * MINUTE, () => {
      api.change('one', { timeout_end: naive(clock.now() + 60 * MINUTE) });
      comfyUi.remaining = 0;
    });
    await clock.advance(2 * MINUTE);
    if (isFrozen) assert.equal(api.count(EXTEND), before, `step ${at}`);
    close();
    return { isFrozen, hasLeft: before > 0 };
  });
});

test('what was sent and got no answer is not sent again after a freeze, and is not said to have been refused', async () => {
  const { api, clock, comfyUi, store, close } = await setupWindow();
  api.fail(DELETE, { kind: 'unreachable' });
  const told = assert.rejects(store.cancel(ONE), /could not be reached.* asked for again/);
  await settled();
  assert.equal(api.count(DELETE), 1);
  clock.jump(10 * MINUTE);
  comfyUi.remaining = 1;
  await clock.advance(SECOND);
  await told;
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
    await assert.rejects(clock.finish(store.cancel(ONE)), /asked for again/);
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
