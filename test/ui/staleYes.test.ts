import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Freezer } from '../fakes/freezer';
import { ask, startWithBox } from './creating';
import { ME, MINUTE, start, startWithSession, type World } from './start';

const SECOND = 1_000;
/** One in so many steps of a window is tested with a freeze; each takes a new window. */
const STRIDE = 3;

interface Lived {
  readonly world: World;
  /** The click. */
  readonly agree: () => unknown;
  readonly sent: () => number;
}

type Live = (t: TestContext, freezer: Freezer) => Promise<Lived>;

const ACTS: Readonly<Record<string, Live>> = {
  'End Session': async (t, freezer) => {
    const { world, target } = await startWithSession(t, { minutesLeft: 60 }, { comfyUi: true, freezer });
    const ended = world.run('cancelSession', target);
    const question = await world.editor.message(/^End /);
    const agree = () => question.press('End Session');
    ended.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().cancelled };
  },
  'End All Sessions': async (t, freezer) => {
    const world = await start(t, {
      comfyUi: true,
      freezer,
      furnish: async (control) => {
        const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
        for (let n = 0; n < 2; n++) await control.addSession({ machineId, minutesLeft: 60 });
      },
    });
    const ended = world.run('cancelAllSessions');
    const question = await world.editor.message(/^End 2/);
    const agree = () => question.press('End All Sessions');
    ended.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().cancelled };
  },
  'Extend 1 h, in a notice': async (t, freezer) => {
    const { world } = await startWithSession(t, { minutesLeft: 5.5 }, { comfyUi: true, freezer });
    await world.advance(40 * SECOND);
    const notice = await world.editor.message(/ends at/);
    const agree = () => notice.press('Extend 1 h');
    return { world, agree, sent: () => world.control.bill().extended };
  },
  'Extend…': async (t, freezer) => {
    const { world, target } = await startWithSession(t, { minutesLeft: 60 }, { comfyUi: true, freezer });
    const extended = world.run('extendSession', target);
    const list = await world.editor.pick(/By how much/);
    const agree = () => list.choose('15 min more');
    extended.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().extended };
  },
  'New Session…': async (t, freezer) => {
    const world = await startWithBox(t, () => undefined, { freezer });
    const created = world.run('createSession');
    (await world.editor.pick(/On which machine/)).choose('sd-box');
    (await world.editor.pick(/Which GPU/)).choose('A10G');
    const list = await world.editor.pick(/For how long/);
    const agree = () => list.choose('15 min');
    created.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().created };
  },
  'Repeat Last Session': async (t, freezer) => {
    const world = await startWithBox(t, () => undefined, { freezer });
    const created = world.run('createSession');
    await ask(world);
    await world.advance(10 * SECOND);
    await world.finish(created);
    const again = world.run('createSameSession');
    const question = await world.editor.message(/^Start A10G on sd-box for /);
    const agree = () => question.press('Start');
    again.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().created - 1 };
  },
  'Cancel of a start': async (t, freezer) => {
    const world = await startWithBox(t, () => undefined, { freezer });
    world.control.set({ startUpMs: 30 * MINUTE });
    const created = world.run('createSession');
    await ask(world);
    const progress = await world.editor.progress(/^Starting/);
    await world.advance(30 * SECOND);
    const agree = () => progress.cancel();
    created.catch(() => undefined); // it may still be asking when the test is over
    return { world, agree, sent: () => world.control.bill().cancelled };
  },
};

/**
 * Freezes for three minutes at a step after the click. @returns whether it froze, and whether the request was sent
 * before.
 */
async function freezeAt(t: TestContext, at: number, live: Live): Promise<{ isFrozen: boolean; isSent: boolean }> {
  const freezer = new Freezer();
  const { world, agree, sent } = await live(t, freezer);
  const said = () => world.editor.messages.length;
  const saidBefore = said();
  freezer.freezesAt = freezer.steps + at;
  agree();
  await world.advance(8 * SECOND);
  const [{ isFrozen }, isSent] = [freezer, sent() > 0];
  if (!isFrozen || isSent) return { isFrozen, isSent };
  await world.advance(3 * MINUTE);
  freezer.thaw();
  await world.advance(20 * SECOND);
  assert.equal(sent(), 0, `at step ${at}`);
  assert.ok(said() > saidBefore, `and says so, or asks again, at step ${at}`);
  return { isFrozen, isSent };
}

for (const clock of ['wall', 'steady'] as const)
  test(`a machine is waited for by a window that is awake, and after a sleep on its ${clock} clock the start is asked for again`, async (t) => {
    const world = await startWithBox(t, (control) =>
      control.alterMachine(control.machines()[0]!.id, { status: 'building' }),
    );
    const created = world.run('createSession');
    await ask(world);
    (await world.editor.message(/is still being built/)).press('Wait and Start');
    await world.editor.progress(/^Waiting/);
    await world.advance(5 * MINUTE);
    world.sleep(5 * MINUTE, clock);
    world.control.alterMachine(world.control.machines()[0]!.id, { status: 'ready' });
    await world.advance(MINUTE);
    const question = await world.editor.message(/^Start A10G on sd-box for 15 min\?/);
    assert.equal(world.control.bill().created, 0);
    question.press('Start');
    await world.advance(MINUTE);
    await world.finish(created);
    assert.equal(world.control.bill().created, 1);
  });

for (const [what, live] of Object.entries(ACTS))
  test(`a window that is frozen anywhere after the click on ${what} sends nothing for it once it thaws`, async (t) => {
    let [frozen, isOver] = [0, false];
    for (let at = 1; !isOver; at += STRIDE) {
      assert.ok(at < 300, 'it comes to an end');
      await t.test(`step ${at}`, async (life) => {
        isOver = true;
        const { isFrozen, isSent } = await freezeAt(life, at, live);
        isOver = isSent || !isFrozen;
        if (isFrozen) frozen++;
      });
    }
    assert.ok(frozen > 1, `${frozen} steps`);
  });
