import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, start, startWithSession, STUDIO, targetOf } from '../start';

const LOST = 'Unsaved outputs and changes in ComfyUI will be lost and running renders stopped.';

test('ending a session asks first, and walking away changes nothing', async (t) => {
  const { world, target } = await startWithSession(t);
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End/);
  assert.equal(question.text, 'End the session on sd-box (A10G), 20 min left?');
  assert.deepEqual(question.options, { modal: true, detail: LOST });
  assert.deepEqual(question.buttons, ['End Session']);
  question.dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('of several selected rows, each session is asked about once, and the others run on', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      for (const name of ['a', 'b', 'c', 'd'])
        await control.addSession({ machineId: control.addMachine({ ...ME, name }).id, minutesLeft: 20.5 });
    },
  });
  const [a, b, c] = world.control.sessions();
  const rows = [targetOf(a!.id), { kind: 'machine', machineId: b!.machineId }, targetOf(b!.id), targetOf('gone'), 7];
  const ended = world.editor.run('comfydeploy.cancelSession', rows[0], rows);
  (await world.editor.message(/^End 2 sessions\?$/)).press('End All Sessions');
  await world.until('both ends', () => world.control.bill().cancelled === 2);
  await world.advance(5_000);
  await world.finish(ended);
  assert.deepEqual(
    world.control.sessions().filter(({ endedAt }) => endedAt === null),
    [c, world.control.sessions()[3]],
  );
  void world.editor.run('comfydeploy.extendSession', targetOf(c!.id), [targetOf(c!.id), rows[0]]);
  assert.match((await world.editor.pick(/./)).title ?? '', /^Extend .*c \(A10G\)/, 'other commands are about one row');
});

test('an ended session stays in sight until it costs nothing any more', async (t) => {
  const { world, target } = await startWithSession(t);
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End/)).press('End Session');
  const progress = await world.editor.progress(/^Ending sd-box \(A10G\)$/);
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: ending (still billing) · A10G']);

  await world.advance(5_000);
  await world.finish(ended);
  assert.deepEqual([progress.isOver, world.rows], [true, ['sd-box: A10G']]);
  assert.equal(world.control.bill().sessions[0]?.open, false);
  assert.deepEqual(
    world.editor.messages.filter(({ options }) => !options.modal),
    [],
  );
});

test('a session that has ended meanwhile counts as ended', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End/);
  await world.control.endSession(id);
  question.press('End Session');
  await ended;
  assert.deepEqual(world.rows, ['sd-box: A10G']);
  assert.equal(world.editor.messages.length, 1, 'nothing but the question');
});

test('a session without a container is ended as soon as that is safe, and is not believed to be over before it is', async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      control.set({ callMs: 30_000, startUpMs: 60_000 });
      await control.addSession({ machineId, state: 'starting', minutesOld: 0 });
    },
  });
  const { id } = world.control.sessions()[0]!;
  const ended = world.run('cancelSession', targetOf(id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  assert.match(world.rows.join(), /ends once its container is known/);
  assert.equal(world.control.bill().cancelled, 0);

  await world.advance(15_000);
  await world.finish(ended);
  assert.match(world.rows.join(), /closed early, may still be billed/);
  const warning = await world.editor.message(/It may still start/);
  assert.equal(warning.kind, 'warning');

  await world.advance(17 * MINUTE);
  assert.deepEqual([world.control.bill().sessions[0]?.open, world.rows], [false, ['render-farm: A10G']]);
});

test('a GPU that is still billed a minute after its end is reported', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.set({ stopMs: 3 * MINUTE });
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End/)).press('End Session');
  await world.advance(MINUTE);
  await world.finish(ended);
  const warning = await world.editor.message(/a minute later the GPU is still billed/);
  assert.equal(warning.kind, 'warning');
  assert.deepEqual(world.rows, ['sd-box: ending (still billing) · A10G']);

  await world.advance(3 * MINUTE);
  assert.deepEqual(world.rows, ['sd-box: A10G']);
});

test('a refused end leaves the session as it was, and is reported', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.fault({
    method: 'DELETE',
    path: '/api/session/:id',
    effect: { kind: 'answer', status: 400, body: { detail: 'Not now' } },
  });
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End/)).press('End Session');
  await ended;
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  assert.equal((await world.editor.message(/^sd-box \(A10G\) was not ended: Not now\.$/)).kind, 'error');
});

test('an end whose answer is lost is asked for again', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.fault({
    method: 'DELETE',
    path: '/api/session/:id',
    times: 1,
    effect: { kind: 'reset', when: 'after' },
  });
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End/)).press('End Session');
  await world.advance(10_000);
  await world.finish(ended);
  assert.deepEqual(world.rows, ['sd-box: A10G']);
  assert.equal(world.editor.messages.length, 1, 'nothing but the question');
});

test('ending all ends the own sessions and nobody else’s', async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      await control.addSession({ machineId, gpu: 'H100', minutesLeft: 50.5 });
      await control.addSession({ machineId, gpu: 'L4', minutesLeft: 20.5 });
      await control.addSession({ machineId, gpu: 'T4', minutesLeft: 30.5, userId: 'user_mira' });
    },
  });
  assert.ok(world.rows.includes('T4: 30m · Mira Okafor'));

  const ended = world.run('cancelAllSessions');
  const question = await world.editor.message(/^End/);
  assert.equal(question.text, 'End 2 sessions?');
  assert.deepEqual(
    question.options.detail?.split('\n'),
    [
      'render-farm (L4), 20 min left',
      'render-farm (H100), 50 min left',
      '',
      `Together they cost $9.57 an hour. ${LOST}`,
    ],
    'what ends first comes first',
  );
  question.press('End All Sessions');
  await world.advance(10_000);
  await world.finish(ended);

  assert.deepEqual(
    world.control.sessions().map(({ gpu, endedAt }) => [gpu, endedAt !== null]),
    [
      ['H100', true],
      ['L4', true],
      ['T4', false],
    ],
  );
});

test('of several ends that are refused, each session is named', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'credit-box' });
      await control.addSession({ machineId, gpu: 'H100' });
      await control.addSession({ machineId, gpu: 'L4' });
    },
  });
  world.control.fault({
    method: 'DELETE',
    path: '/api/session/:id',
    effect: { kind: 'answer', status: 400, body: { detail: 'Not now' } },
  });
  const ended = world.run('cancelAllSessions');
  (await world.editor.message(/^End/)).press('End All Sessions');
  await ended;
  const { text, buttons } = await world.editor.message(/were not ended/);
  assert.match(
    text,
    /^2 sessions were not ended\. credit-box \((H100|L4)\): Not now\. credit-box \((H100|L4)\): Not now\.$/,
  );
  assert.deepEqual(buttons, ['Show Log'], 'a name is no matter of credit');
});

test('an end that the server may not have heard of is not said to have failed', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.fault({ method: 'DELETE', path: '/api/session/:id', effect: { kind: 'reset', when: 'before' } });
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End/)).press('End Session');
  await world.advance(MINUTE);
  await world.finish(ended);
  const { kind } = await world.editor.message(/^sd-box \(A10G\) may not have ended: .* Retrying automatically/);
  assert.equal(kind, 'warning');
});

test('with nothing to end, ending all asks nothing', async (t) => {
  const world = await start(t);
  await world.run('cancelAllSessions');
  assert.deepEqual(world.editor.messages, []);
});

test('an end that never got through is not repeated once the session renders, and that is announced', async (t) => {
  const { world, id, target } = await startWithSession(t, { minutesLeft: 50 }, { comfyUi: true });
  const ended = world.run('cancelSession', target);
  const question = await world.editor.message(/^End/);
  world.control.setOffline(true);
  question.press('End Session');
  await world.advance(30_000);
  await world.finish(ended);
  assert.match(world.editor.messages.at(-1)?.text ?? '', /Retrying automatically until the session has ended\./);
  await world.advance(3 * MINUTE);
  world.control.setOffline(false);
  world.control.comfyUi(id)!.startJob({ seconds: 3_600 });
  await world.reopen();
  await world.advance(MINUTE);

  const notice = await world.editor.message(/did not end when you asked, and is rendering now/);
  assert.deepEqual([notice.kind, notice.buttons], ['warning', ['Open Session', 'End Session…']]);
  assert.equal(world.control.bill().cancelled, 0);
  assert.match(world.rows[0] ?? '', /^sd-box: \d+m · A10G/);
  notice.press('End Session…');
  await world.editor.message(/^End the session on/);
});
