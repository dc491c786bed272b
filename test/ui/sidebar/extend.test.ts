import assert from 'node:assert/strict';
import test from 'node:test';
import { when } from '../../../src/platform/durations';
import { ME, MINUTE, start, startWithSession, targetOf, type World } from '../start';

const EXTEND = { method: 'POST', path: '/api/session/:id/increase-timeout', times: 1 } as const;
const deadlineOf = ({ control }: World, id: string) => control.session(id)?.deadline ?? 0;

test('an extension says until when and for how much, and is proven by the new end', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const before = deadlineOf(world, id);
  const extended = world.run('extendSession', target);
  const list = await world.editor.pick(/By how much/);
  assert.equal(list.title, 'Extend sd-box (A10G), 20 min left');
  assert.deepEqual(list.labels, ['1 min more', '5 min more', '10 min more', '15 min more', '30 min more', '1 h more']);
  assert.match(list.describe('30 min more') ?? '', /^until .+ · about \$0\.61 more$/);
  list.enter();
  await extended;

  assert.equal(deadlineOf(world, id), before + 15 * MINUTE);
  assert.equal(world.control.bill().extended, 1);
  assert.match(world.editor.statusMessages[0] ?? '', /^sd-box \(A10G\) extended to \d/);
  assert.deepEqual(world.rows, ['sd-box: 35m · A10G']);
});

test('minutes or the new end can be typed', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const before = deadlineOf(world, id);
  const byMinutes = world.run('extendSession', target);
  const first = await world.editor.pick(/By how much/);
  first.type('20');
  assert.deepEqual(first.labels, ['20 min more']);
  first.enter();
  await byMinutes;
  assert.equal(deadlineOf(world, id), before + 20 * MINUTE);

  const end = new Date(deadlineOf(world, id) + 30 * MINUTE);
  const byTime = world.run('extendSession', target);
  const second = await world.editor.pick(/By how much/);
  second.type(`${end.getHours()}:${end.getMinutes().toString().padStart(2, '0')}`);
  second.enter();
  await byTime;
  assert.equal(Math.ceil(deadlineOf(world, id) / MINUTE), Math.ceil(end.getTime() / MINUTE));
});

test('a time that may be two is offered as both, and tomorrow is said and asked about with its price', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const before = deadlineOf(world, id);
  const end = new Date(before + 30 * MINUTE);
  const [hour, minute] = [end.getHours() % 12 === 0 ? 12 : end.getHours() % 12, end.getMinutes()];
  const text = `${hour}:${minute.toString().padStart(2, '0')}`;
  const extended = world.run('extendSession', target);
  const list = await world.editor.pick(/By how much/);
  list.type(text);
  assert.deepEqual(list.labels, ['30 min more', '12 h 30 min more']);
  assert.match(list.describe('12 h 30 min more') ?? '', / · about \$15\.1\d more$/);
  list.choose('12 h 30 min more');
  const question = await world.editor.message(/^Extend sd-box \(A10G\) by 12 h 30 min\?$/);
  const late = when(before + 750 * MINUTE, world.control.now());
  assert.equal(question.options.detail, `It would end ${late}. The added time costs about $15.17.`);
  assert.deepEqual([question.options.modal, question.buttons], [true, ['Extend']]);
  question.dismiss();
  await extended;
  assert.equal(world.control.bill().extended, 0);
});

test('what cannot be read is answered by what can be typed, also where idle minutes are asked for', async (t) => {
  const { world, target } = await startWithSession(t);
  for (const [name, title] of [
    ['extendSession', /By how much/],
    ['endWhenIdle', /idle minutes/],
  ] as const) {
    const asked = world.run(name, target);
    const list = await world.editor.pick(title);
    for (const text of ['abc', '-5', '1.5', '1,5', '25:99']) {
      list.type(text);
      assert.deepEqual(list.labels, ["This can't be read"]);
      list.enter();
      assert.equal(list.isVisible, true);
    }
    list.hide();
    await asked;
  }
  assert.equal(world.control.bill().extended, 0);
});

test('walking away from the question extends nothing', async (t) => {
  const { world, target } = await startWithSession(t);
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).hide();
  await extended;
  assert.equal(world.control.bill().extended, 0);
  assert.deepEqual(
    world.editor.progresses.filter(({ title }) => title.startsWith('Extending')),
    [],
  );
});

test('an extension whose answer was lost is looked up, not asked for twice', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const before = deadlineOf(world, id);
  world.control.fault({ ...EXTEND, effect: { kind: 'reset', when: 'after' } });
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;

  assert.deepEqual([world.control.bill().extended, deadlineOf(world, id)], [1, before + 15 * MINUTE]);
  assert.match(world.editor.statusMessages[0] ?? '', /^sd-box \(A10G\) extended to \d/);
  assert.deepEqual(world.editor.messages, []);
});

test('an extension that never arrived is reported as a failure', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.fault({ ...EXTEND, effect: { kind: 'reset', when: 'before' } });
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  assert.equal(world.control.bill().extended, 0);
  assert.deepEqual(
    world.editor.messages.map(({ kind, text }) => [kind, text]),
    [['warning', 'sd-box (A10G) was not extended: ComfyDeploy could not be reached.']],
  );
});

test('a refused extension says of which session, and keeps the way that its kind has', async (t) => {
  const { world, target } = await startWithSession(t);
  const body = { detail: 'Insufficient balance' };
  world.control.fault({ ...EXTEND, effect: { kind: 'answer', status: 403, body } });
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  const [message] = world.editor.messages;
  assert.equal(message?.text, 'sd-box (A10G) was not extended: Insufficient balance.');
  assert.deepEqual([message.kind, message.buttons], ['warning', ['Add Credit']]);
});

test('a yes from the server without a later end is no yes', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.fault({ ...EXTEND, effect: { kind: 'answer', status: 200, body: { message: 'ok' } } });
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  assert.match(
    world.editor.messages[0]?.text ?? '',
    /^sd-box \(A10G\) was not extended: ComfyDeploy accepted the extension, but the end did not move/,
  );
});

test('a session of an old machine is extended the old way', async (t) => {
  const world = await start(t, {
    furnish: (control) => void control.addMachine({ ...ME, name: 'antique', keepsDeadlines: false }),
  });
  const created = world.run('createSession', world.node('antique'));
  (await world.editor.pick(/Which GPU/)).enter();
  (await world.editor.pick(/For how long/)).enter();
  await world.advance(10_000);
  await world.finish(created);

  const extended = world.run('extendSession', targetOf(world.control.sessions()[0]!.id));
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  const { extended: moved, timeoutFieldRaised } = world.control.bill();
  assert.deepEqual([moved, timeoutFieldRaised], [0, 1]);
  assert.equal(world.control.sessions()[0]?.timeoutMinutes, 30);
  assert.match(world.editor.statusMessages[0] ?? '', /^antique \(.+\) extended$/);
});

test('on the free plan, only what it allows is offered, typed or not', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      control.setAccount(ME, { plan: 'free', creditDollars: 3 });
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      await control.addSession({ machineId, minutesLeft: 20.5, minutesOld: 3 });
    },
  });
  const extending = world.run('extendSession', targetOf(world.control.sessions()[0]?.id ?? ''));
  const list = await world.editor.pick(/By how much/);
  assert.deepEqual(list.labels, ['1 min more', '5 min more']);
  list.type('7');
  assert.deepEqual(list.labels, ['On the free plan, a session lasts 30 min at most.']);
  list.type('6');
  assert.deepEqual(list.labels, ['6 min more']);
  list.hide();
  await extending;
  assert.equal(world.control.bill().extended, 0);
});
