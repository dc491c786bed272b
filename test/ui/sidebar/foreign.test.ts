import assert from 'node:assert/strict';
import test from 'node:test';
import { START_UP_MS, startWithBox } from '../creating';
import { startWithOutputs } from '../saving';
import { MINUTE, startWithSession, targetOf } from '../start';

// Any extension, and any link in a text, can run our commands with arguments of its own.

test('somebody else’s word that the user agreed is none: ending asks', async (t) => {
  const { world, id } = await startWithSession(t);
  const ended = world.runAsOther('cancelSession', { ...targetOf(id), isAgreed: true });
  const question = await world.editor.message(/^End the session on sd-box/);
  assert.equal(question.options.modal, true);
  question.dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('saving and ending asks, too', async (t) => {
  const { world, id, useFolder, ran, saved } = await startWithOutputs(t);
  useFolder();
  ran('a.png');
  const ended = world.runAsOther('saveAndEndSession', { ...targetOf(id), isAgreed: true });
  (await world.editor.message(/^Save the outputs of sd-box/)).dismiss();
  await ended;
  assert.deepEqual([saved(), world.control.bill().cancelled], [[], 0]);
});

test('ending all asks, whatever comes with it', async (t) => {
  const { world } = await startWithSession(t);
  const ended = world.runAsOther('cancelAllSessions', { isAgreed: true });
  (await world.editor.message(/^End the session on sd-box/)).dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('minutes from somebody else extend nothing: the user is asked by how much', async (t) => {
  const { world, id } = await startWithSession(t);
  for (const minutes of [15, 600]) {
    const extended = world.runAsOther('extendSession', { ...targetOf(id), minutes, isAgreed: true });
    (await world.editor.pick(/^Extend sd-box \(A10G\).*By how much/)).hide();
    await extended;
  }
  assert.equal(world.control.bill().extended, 0);
});

test('a session that somebody else describes is started only after a question that says its price', async (t) => {
  const world = await startWithBox(t);
  const machineId = world.control.machines()[0]!.id;
  const asked = world.runAsOther('createSameSession', { machineId, gpu: 'H100', minutes: 60, isAgreed: true });
  const question = await world.editor.message(/^Start H100 on sd-box for 1 h\?$/);
  const detail = /^Another extension or a link asks for this\.\n\nIt would end .*\d.+\. It costs about \$\d+\.\d\d\.$/;
  assert.match(question.options.detail ?? '', detail);
  assert.deepEqual([question.options.modal, question.buttons], [true, ['Start']]);
  question.dismiss();
  await asked;
  assert.equal(world.control.bill().created, 0);
});

test('nor is one that is longer than any can be', async (t) => {
  const world = await startWithBox(t);
  const machineId = world.control.machines()[0]!.id;
  for (const minutes of [1_441, 0, -1, 1.5, 1e9, '60']) {
    const asked = world.runAsOther('createSameSession', { machineId, gpu: 'H100', minutes });
    (await world.editor.pick(/On which machine/)).hide();
    await asked;
  }
  assert.equal(world.control.bill().created, 0);
});

test('a new session on a machine that somebody else names still asks for GPU and length, with their prices', async (t) => {
  const world = await startWithBox(t);
  const machineId = world.control.machines()[0]!.id;
  const target = { kind: 'machine', machineId, gpu: 'H100', minutes: 600, isAgreed: true };
  const asked = world.runAsOther('createSession', target);
  const gpus = await world.editor.pick(/Which GPU/);
  assert.match(gpus.describe('A10G') ?? '', /\$1\.22 an hour/);
  gpus.choose('A10G');
  const lengths = await world.editor.pick(/For how long/);
  assert.match(lengths.describe('1 h') ?? '', /about \$1\.2\d/);
  lengths.hide();
  await asked;
  assert.equal(world.control.bill().created, 0);
});

test('what is done by itself later is not promised to somebody else, only to the user', async (t) => {
  const { world, id } = await startWithSession(t);
  for (const [name, text, button] of [
    ['keepAlive', /^Keep sd-box \(A10G\) alive while it renders\?$/, 'Keep Alive'],
    ['finishThenEnd', /^End the session on sd-box \(A10G\) when its queue is empty\?$/, 'End When Empty'],
  ] as const) {
    const refused = world.runAsOther(name, targetOf(id));
    const question = await world.editor.message(text);
    assert.match(
      question.options.detail ?? '',
      /From now on it would happen automatically, and may extend the session\.$/,
    );
    question.dismiss();
    await refused;
    assert.deepEqual(world.editor.statusMessages, []);
    world.editor.messages.splice(0);

    const agreed = world.runAsOther(name, targetOf(id));
    (await world.editor.message(text)).press(button);
    await agreed;
    assert.equal(world.editor.statusMessages.splice(0).length, 1);
    world.editor.messages.splice(0);

    await world.runAsOther(name, targetOf(id)); // cancelling costs nothing
    assert.deepEqual([world.editor.messages, world.editor.statusMessages.splice(0).length], [[], 1]);
  }
  const idle = world.runAsOther('endWhenIdle', { ...targetOf(id), minutes: 1, isAgreed: true });
  (await world.editor.pick(/^End sd-box \(A10G\) When Idle/)).hide();
  await idle;
  assert.deepEqual(world.editor.statusMessages, []);
});

test('our own buttons and rows are taken at their word', async (t) => {
  const { world } = await startWithSession(t, { minutesLeft: 5.5 });
  await world.run('keepAlive', world.node('sd-box'));
  await world.advance(MINUTE);
  (await world.editor.message(/ends at/)).press('Save and End');
  const folder = await world.editor.folderDialog();
  folder.dismiss();
  assert.deepEqual(
    world.editor.messages.filter(({ options }) => options.modal),
    [],
  );
});

test('what was started last is started again without a question, unless it is long', async (t) => {
  const world = await startWithBox(t);
  const created = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose('sd-box');
  (await world.editor.pick(/Which GPU/)).choose('A10G');
  const lengths = await world.editor.pick(/For how long/);
  lengths.type('5 h');
  lengths.enter();
  const question = await world.editor.message(/^Start A10G on sd-box for 5 h\?$/);
  assert.match(question.options.detail ?? '', /costs about \$6\.07\.$/);
  question.press('Start');
  await world.advance(START_UP_MS * 2);
  await world.finish(created);
  assert.equal(world.control.sessions()[0]?.timeoutMinutes, 300);
  world.editor.messages.splice(0);

  const again = world.run('createSameSession');
  (await world.editor.message(/^Start A10G on sd-box for 5 h\?$/)).dismiss();
  await again;
  assert.equal(world.control.bill().created, 1);
});

test('the address of a session that somebody else names is copied only if the user says so', async (t) => {
  const { world, id } = await startWithSession(t);
  for (const answer of [undefined, 'Copy Address']) {
    const copied = world.runAsOther('copySessionUrl', { ...targetOf(id), isAgreed: true });
    const question = await world.editor.message(/^Copy the address of the session on sd-box \(A10G\)\?$/);
    assert.equal(question.options.modal, true);
    if (answer === undefined) question.dismiss();
    else question.press(answer);
    await copied;
    assert.equal(world.editor.clipboard, answer === undefined ? '' : world.control.session(id)?.url);
    world.editor.messages.length = 0;
  }
});
