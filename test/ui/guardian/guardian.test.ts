import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { timeOfDay } from '../../../src/platform/durations';
import { ME, MINUTE, start, startWithSession, STUDIO, type World } from '../start';

const SECOND = 1_000;
const HOURS = { seconds: 7_200 };

/** One session with a ComfyUI, and the simulator's control of it. */
async function startAtWork(t: TestContext, minutesLeft = 20.5) {
  const { world, id, target } = await startWithSession(t, { minutesLeft }, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id)!;
  const deadline = () => world.control.session(id)?.deadline ?? 0;
  const isBilled = () => world.control.bill().sessions[0]?.open;
  return { world, id, target, comfyUi, deadline, isBilled };
}

const notices = ({ editor }: World) => editor.messages.filter(({ options }) => !options.modal).map(({ text }) => text);
const refuseTwice = ({ control }: World, method: string, path: string) => {
  const effect = { kind: 'answer', status: 400, body: { detail: 'No' } } as const;
  control.fault({ method, path, times: 2, effect });
};
const row = (world: World) => world.rows[0];
const chooseIdle = async (world: World, target: unknown, label: string) => {
  const asked = world.run('endWhenIdle', target);
  (await world.editor.pick(/After how many idle minutes/)).choose(label);
  await asked;
};

test('a render is kept alive in small steps, each of which is said, and the row says so', async (t) => {
  const { world, target, comfyUi, deadline } = await startAtWork(t, 6);
  const before = deadline();
  comfyUi.startJob(HOURS);
  await world.run('keepAlive', target);
  assert.match(
    world.editor.statusMessages[0] ?? '',
    /kept alive while rendering · extended by up to 1 h while rendering$/,
  );
  await world.advance(2.9 * MINUTE);
  assert.equal(deadline(), before);
  assert.match(row(world) ?? '', /rendering · kept alive while rendering$/);

  await world.advance(10 * SECOND);
  assert.equal(deadline(), before + 5 * MINUTE);
  assert.equal(
    world.editor.statusMessages.at(-1),
    `A10G on sd-box: extended to ${timeOfDay(deadline())} because it's rendering.`,
  );
  assert.match(world.editor.words, /Kept session \S+ alive for 5 min more, since it renders: 5 of at most 60 min/);
  assert.deepEqual(notices(world), [], 'nothing to warn of');
  const receipts = await world.files('history.jsonl').read();
  assert.match(receipts, /"moved".*"by":"guardian".*"minutes":5/);
  assert.match(receipts, /"kept".*"why":"rendering"/);
});

test('what the disk does not take is said to count in this window only', async (t) => {
  const { world, target } = await startAtWork(t);
  const ledger = world.files('intents.jsonl');
  t.mock.method(ledger, 'append', () => Promise.reject(new Error('ENOSPC')));
  Object.assign(ledger, { place: '/home/ann/state' });
  const warned = world.editor.message(/in this window only/);
  await world.run('finishThenEnd', target);
  assert.match((await warned).text, /could not be written to \/home\/ann\/state\. Check that its disk/);
  assert.match(row(world) ?? '', /ends when the queue is empty/);
});

test('a session is kept alive no longer than the settings allow, and then a notice says so', async (t) => {
  const { world, target, comfyUi, deadline } = await startAtWork(t, 4);
  const before = deadline();
  world.editor.configure('comfydeploy.keepAliveUpTo', 7);
  comfyUi.startJob(HOURS);
  await world.run('keepAlive', target);
  await world.advance(10 * MINUTE);
  assert.equal(deadline(), before + 7 * MINUTE);
  const ends = timeOfDay(deadline());
  assert.deepEqual(
    notices(world).filter((text) => text.includes('rendering')),
    [`A10G on sd-box is rendering and ends at ${ends}. It was extended by 7 min, the most that your settings allow.`],
  );
  const notice = await world.editor.message(/the most that your settings allow/);
  assert.deepEqual(notice.buttons, ['Extend 15 min', 'Extend 1 h', 'Dismiss']);
});

test('a spending limit ends keeping alive, and is announced at half and later shares', async (t) => {
  const { world, target, comfyUi, deadline } = await startAtWork(t, 4);
  const before = deadline();
  const spent = 1 + 4; // minutes: as long as it has been running, and until its end
  world.editor.configure('comfydeploy.maxCostPerSession', ((spent + 6.5) * 60 * 337_000) / 1e9);
  comfyUi.startJob(HOURS);
  await world.run('keepAlive', target);
  await world.advance(9 * MINUTE);
  assert.equal(deadline(), before + 6 * MINUTE);
  const limit = await world.editor.message(/exceed your spending limit for one session/);
  assert.deepEqual(limit.buttons, ['Extend 15 min', 'Extend 1 h', 'Dismiss']);
  assert.deepEqual(
    notices(world).flatMap((text) => /(\d+)% of your spending limit/.exec(text)?.[1] ?? []),
    ['50', '80'],
  );
  const warning = await world.editor.message(/^The A10G session on sd-box: about \$0\.\d+, 80%/);
  assert.deepEqual(warning.buttons, ['Show', 'End…']);
  warning.press('End…');
  (await world.editor.message(/^End the session/)).dismiss();
});

test('a limit that several sessions reach together is one notice, which ends none of them by itself', async (t) => {
  const { world } = await startAtWork(t, 20);
  const { machineId } = world.control.sessions()[0]!;
  for (let n = 0; n < 2; n++) await world.control.addSession({ machineId, minutesLeft: 20 });
  world.editor.configure('comfydeploy.maxCostPerSession', 0.04);
  await world.refresh();
  await world.advance(3 * MINUTE);
  const warning = await world.editor.message(/^3 sessions have each cost about \$0\.\d\d or more/);
  assert.deepEqual(warning.buttons, ['Show', 'End All…']);
  warning.press('End All…');
  (await world.editor.message(/^End 3 sessions\?/)).dismiss();
});

test('a render that nobody asked to keep alive ends in time, and so does one whose preference was taken back', async (t) => {
  const { world, target, comfyUi, deadline } = await startAtWork(t, 4);
  const before = deadline();
  comfyUi.startJob(HOURS);
  await world.run('keepAlive', target);
  await world.run('keepAliveOff', target);
  await world.advance(3.5 * MINUTE);
  assert.equal(deadline(), before);
});

test('a step that fails is announced once, retried, and its minutes are not lost', async (t) => {
  const { world, target, comfyUi, deadline } = await startAtWork(t, 4);
  const before = deadline();
  refuseTwice(world, 'POST', '/api/session/:id/increase-timeout');
  world.editor.configure('comfydeploy.keepAliveUpTo', 5);
  comfyUi.startJob(HOURS);
  await world.run('keepAlive', target);
  await world.advance(3 * MINUTE);
  assert.equal(deadline(), before + 5 * MINUTE);
  const shown = notices(world).filter((text) => text.includes('could not be extended'));
  assert.deepEqual(shown, [
    `A10G on sd-box is rendering and ends at ${timeOfDay(before)}, but could not be extended. No. Retrying automatically.`,
  ]);
});

test('an idle session is ended after its minutes and a countdown', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  await chooseIdle(world, target, 'After 5 min');
  assert.match(row(world) ?? '', /ends when idle for 5 min$/);
  const since = world.control.now();
  await world.advance(5 * MINUTE + SECOND);
  const notice = await world.editor.message(/It ends automatically at/);
  assert.match(notice.text, /^A10G on sd-box has been idle since .+\. It ends automatically at .+\.$/);
  assert.deepEqual(notice.buttons, ['Keep', 'End Now']);
  assert.equal(notice.isStanding, true);
  assert.match(row(world) ?? '', /^sd-box: ending in \d+ s · A10G · idle for 5 min/);
  assert.match(world.status.text, /sd-box ending in \d+ s$/);
  assert.equal(isBilled(), true);

  await world.advance(65 * SECOND);
  assert.equal(isBilled(), false);
  assert.ok(world.control.now() - since < 6.5 * MINUTE);
  const ended = await world.editor.message(/^Ended/);
  assert.match(ended.text, /^Ended A10G on sd-box: idle for 6 min\. Total cost: about \$\d\.\d\d\.$/);
  assert.deepEqual([ended.kind, ended.buttons], ['information', ['Show Spending']], 'it stays until somebody reads it');

  assert.equal(notice.isStanding, false, 'what is over is taken back');
  assert.ok(notice.progress?.done === 100, `${notice.progress?.done}`);
  assert.equal(notices(world).length, 2);
  assert.match(await world.files('history.jsonl').read(), /"askedToEnd".*"by":"idle","idleMinutes":6/);
});

test('of what is said of one session, what was said last stands alone', async (t) => {
  const { world, target } = await startAtWork(t, 9);
  await chooseIdle(world, target, 'After 5 min');
  const stood = new Set<string>();
  for (let passed = 0; passed < 7 * MINUTE; passed += 10 * SECOND) {
    const standing = world.editor.messages.filter(({ isStanding }) => isStanding);
    assert.ok(standing.length <= 1, standing.map(({ text }) => text).join());
    for (const { text } of standing) stood.add(text.replace(/ at \d.*| for \d.*/, ''));
    await world.advance(10 * SECOND);
  }
  assert.deepEqual(
    [...stood].map((text) => text.replace(/ since .*/, '')),
    ['A10G on sd-box ends', 'A10G on sd-box has been idle', 'Ended A10G on sd-box: idle'],
  );
});

test('a session that is kept is left alone for as long again', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  await chooseIdle(world, target, 'After 5 min');
  await world.advance(5.5 * MINUTE);
  (await world.editor.message(/ends automatically at/)).press('Keep');
  await world.settled();
  assert.doesNotMatch(row(world) ?? '', /ending/);
  assert.deepEqual(
    world.editor.messages.map(({ isStanding }) => isStanding),
    [false],
  );
  await world.advance(4 * MINUTE);
  assert.match(await world.files('history.jsonl').read(), /"kept".*"why":"asked"/);
  assert.deepEqual([isBilled(), notices(world).length], [true, 1]);
  await world.advance(2.5 * MINUTE);
  assert.deepEqual([isBilled(), notices(world).length], [false, 3]);
});

test('an end that is refused is announced once, and retried', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  refuseTwice(world, 'DELETE', '/api/session/:id');
  await chooseIdle(world, target, 'After 5 min');
  await world.advance(8 * MINUTE + 10 * SECOND);
  const failures = notices(world).filter((text) => text.includes('could not be ended'));
  assert.deepEqual(failures, ['A10G on sd-box could not be ended and is still billed. No. Retrying automatically.']);
  await world.advance(10 * SECOND);
  assert.equal(isBilled(), false);
});

test('a session can be ended without waiting for the countdown', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  await chooseIdle(world, target, 'After 5 min');
  await world.advance(5 * MINUTE + 5 * SECOND);
  (await world.editor.message(/ends automatically at/)).press('End Now');
  (await world.editor.message(/^End the session/)).press('End Session');
  await world.advance(10 * SECOND);
  assert.equal(isBilled(), false);
});

test('a render, a queue that cannot be read, and a tab in use stop a countdown', async (t) => {
  const stops: readonly ((parts: Awaited<ReturnType<typeof startAtWork>>) => unknown)[] = [
    ({ comfyUi }) => comfyUi.startJob(HOURS),
    ({ comfyUi }) => comfyUi.refuse('/prompt', 502),
    ({ world, target }) => world.run('openSession', target),
  ];
  for (const stop of stops) {
    const parts = await startAtWork(t, 60);
    const { world, target, isBilled } = parts;
    await chooseIdle(world, target, 'After 5 min');
    await world.advance(5.5 * MINUTE);
    assert.match(row(world) ?? '', /ending in/);
    await stop(parts);
    await world.advance(2 * MINUTE);
    assert.equal(isBilled(), true);
    assert.doesNotMatch(row(world) ?? '', /ending/);
    assert.equal((await world.editor.message(/ends automatically/)).isStanding, false);
  }
});

test('a session in the tab of a window that is not in use is ended all the same', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  await chooseIdle(world, target, 'After 5 min');
  await world.run('openSession', target);
  world.editor.setFocused(false);
  await world.advance(6.5 * MINUTE);
  assert.equal(isBilled(), false);
});

test('a session ends with its queue, and is kept alive until then', async (t) => {
  const { world, target, comfyUi, deadline, isBilled } = await startAtWork(t, 6);
  const before = deadline();
  comfyUi.startJob(HOURS);
  comfyUi.startJob(HOURS);
  await world.run('finishThenEnd', target);
  await world.advance(10 * SECOND);
  assert.match(row(world) ?? '', /rendering, 1 queued · ends when the queue is empty$/);
  await world.advance(4 * MINUTE);
  assert.equal(deadline(), before + 5 * MINUTE);
  await comfyUi.finishJob();
  await world.advance(MINUTE);
  assert.deepEqual(notices(world), []);

  await comfyUi.finishJob();
  await world.advance(30 * SECOND);
  const notice = await world.editor.message(/queue/);
  assert.match(notice.text, /^The queue of A10G on sd-box is empty\. It ends automatically at .+\.$/);
  assert.equal(isBilled(), true);
  await world.advance(MINUTE);
  assert.equal(isBilled(), false);
});

test('who keeps a session that was to end with its queue has changed their mind', async (t) => {
  const { world, target, isBilled } = await startAtWork(t, 60);
  await world.run('finishThenEnd', target);
  await world.advance(30 * SECOND);
  (await world.editor.message(/queue/)).press('Keep');
  await world.advance(10 * MINUTE);
  assert.equal(isBilled(), true);
  assert.doesNotMatch(row(world) ?? '', /queue/);
});

test('a preference is kept over a restart, and what was said is not said again', async (t) => {
  const { world, target, comfyUi, isBilled } = await startAtWork(t, 60);
  comfyUi.startJob(HOURS);
  await comfyUi.finishJob();
  await chooseIdle(world, target, 'After 5 min');
  await world.advance(5 * MINUTE + 10 * SECOND);
  assert.match(row(world) ?? '', /ending in/);
  await world.reopen();
  assert.match(world.rows[0] ?? '', /ends when idle for 5 min/);
  await world.advance(MINUTE);
  assert.equal(isBilled(), false);
});

test('ending a session at work says so, and offers to wait, to end and to extend', async (t) => {
  const { world, target, comfyUi, deadline, isBilled } = await startAtWork(t);
  const before = deadline();
  comfyUi.startJob(HOURS);
  comfyUi.startJob(HOURS);
  const ask = async (answer: string) => {
    const count = world.editor.messages.length;
    const ended = world.run('cancelSession', target);
    const question = await world.until('a question', () => world.editor.messages[count]);
    assert.match(
      question.options.detail ?? '',
      /^It is rendering, 1 queued\. Unsaved outputs and changes in ComfyUI will be lost/,
    );
    assert.deepEqual(question.buttons, ['End When Queue Is Empty', 'End Now', 'Extend 15 min']);
    question.press(answer);
    return ended;
  };
  await ask('Extend 15 min');
  assert.equal(deadline(), before + 15 * MINUTE);
  await ask('End When Queue Is Empty');
  assert.match(row(world) ?? '', /ends when the queue is empty/);
  assert.equal(isBilled(), true);
  const ended = ask('End Now');
  await world.advance(10 * SECOND);
  await world.finish(ended);
  assert.equal(isBilled(), false);
});

test('ending several sessions names those at work', async (t) => {
  const ids: string[] = [];
  const world = await start(t, {
    comfyUi: true,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      for (const gpu of ['A10G', 'T4']) ids.push((await control.addSession({ machineId, gpu, minutesLeft: 20.5 })).id);
    },
  });
  world.control.comfyUi(ids[1] ?? '')?.startJob(HOURS);
  const ended = world.run('cancelAllSessions');
  const question = await world.editor.message(/^End 2 sessions\?/);
  assert.deepEqual(
    (question.options.detail ?? '').split('\n').filter((line) => line.startsWith('sd-box')),
    ['sd-box (T4), 20 min left, rendering', 'sd-box (A10G), 20 min left'],
    'what would be lost comes first',
  );
  assert.deepEqual(question.buttons, ['End All Sessions']);
  question.dismiss();
  await ended;
});

test("the end of another member's session is told to whoever asks for it, with their name", async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      await control.addSession({ machineId, userId: 'user_mira', minutesLeft: 5.5 });
    },
  });
  world.editor.configure('comfydeploy.watchOthers', true);
  await world.advance(MINUTE);
  const warning = await world.editor.message(/ends at/);
  assert.match(warning.text, /^A10G on render-farm, started by .+, ends at /);
});
