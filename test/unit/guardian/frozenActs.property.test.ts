import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError, NotSent } from '../../../src/platform/errors';
import type { setup } from '../../fakes/setup';
import { machineId, phasesOf, readyOf } from '../../fakes/setup';
import { naive } from '../../fakes/wire';
import { SECOND, MINUTE, ONE, DELETE, setupActs, setupWindow } from './frozenActs';

const EXTEND = 'POST /session/one/increase-timeout';
const CREATE = 'POST /session';

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

/** Freezes for ten minutes at every single step of a window, and checks the requests sent afterwards. */
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
  end: { call: DELETE, ask: (store: Store) => store.end(ONE) },
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
        // the request before the act had no answer, so the act was not sent either
        const isSlow = error.kind === 'offline';
        assert.match(error.message, isSlow ? /did not answer/ : /^10 min passed .* Nothing was sent\. Do it again/);
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
    const { api, clock, comfyUi, freezer, close, frozenFor, said } = await setupWindow({ keepAlive: true }, 4);
    comfyUi.remaining = 1;
    await clock.advance(50 * SECOND);
    assert.equal(api.count(EXTEND), 0);
    freezer.freezesAt = freezer.steps + at;
    await clock.advance(20 * SECOND);
    const before = api.count(EXTEND);
    // Meanwhile somebody extends it elsewhere, and its render ends.
    const isFrozen = await frozenFor(10 * MINUTE, () => {
      api.change('one', { timeout_end: naive(clock.now() + 60 * MINUTE) });
      comfyUi.remaining = 0;
    });
    await clock.advance(2 * MINUTE);
    if (isFrozen) assert.equal(api.count(EXTEND), before, `step ${at}`);
    const own = said.filter(({ kind }) => kind === 'extended').length;
    if (isFrozen && before === 0) assert.equal(own, 0, `what others did is not told as its own, step ${at}`);
    close();
    return { isFrozen, hasLeft: before > 0 };
  });
});
