import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { MachineRecord } from '../../simulator/model';
import { ME, MINUTE, start, type World } from '../start';

interface Box {
  readonly world: World;
  readonly machine: MachineRecord;
  readonly target: unknown;
}

/** A machine called sd-box, and the argument that its row passes to commands. */
async function startWithMachine(t: TestContext, input: Partial<MachineRecord> = {}): Promise<Box> {
  const known: { machine?: MachineRecord } = {};
  const world = await start(t, {
    furnish: (control) => void (known.machine = control.addMachine({ ...ME, name: 'sd-box', ...input })),
  });
  const machine = known.machine!;
  return { world, machine, target: { kind: 'machine', machineId: machine.id } };
}

const textOf = ({ editor }: World) => editor.documents.at(-1)?.getText() ?? '';

test("a machine's page in the dashboard opens", async (t) => {
  const { world, machine, target } = await startWithMachine(t);
  await world.run('openMachineInDashboard', target);
  assert.deepEqual(world.editor.opened, [new URL(`/machines/${machine.id}`, world.apiUrl).href]);
});

test('the last 24 hours of a machine are a text to read, written anew when asked for again', async (t) => {
  const { world, machine, target } = await startWithMachine(t);
  await world.control.addSession({ machineId: machine.id, minutesOld: 20 });
  await world.run('showMachineDay', target);
  assert.match(textOf(world), /^sd-box, last 24 hours\n[^]*Session {3}A10G {3}\d+ min so far {3}about \$0\.\d\d/);
  assert.match(textOf(world), /1 session, about/);

  world.control.addRun({ machineId: machine.id, createdAt: world.control.now() - 10 * MINUTE });
  await world.run('showMachineDay', target);
  assert.match(textOf(world), /1 session and 1 run, about/);
  const [document] = world.editor.documents;
  assert.deepEqual([world.editor.documents.length, document?.uri.path], [1, 'Last 24 hours of sd-box']);
});

test('the last start error of a machine is shown, or that there is none', async (t) => {
  const { world, machine, target } = await startWithMachine(t);
  await world.run('showStartError', target);
  assert.match(world.editor.messages[0]?.text ?? '', /^No failed starts on sd-box in the last 4 hours/);

  const { id } = await world.control.addSession({ machineId: machine.id, state: 'starting' });
  world.control.failStartUp(id, 'Traceback: No module named torch');
  await world.run('showStartError', target);
  assert.match(textOf(world), /^Failed starts of sd-box[^]*Traceback: No module named torch/);
});

test('the log of a build is followed in a terminal', async (t) => {
  const { world, machine, target } = await startWithMachine(t, { status: 'building' });
  await world.run('showBuildLog', target);
  world.control.writeLog(machine.versionId ?? '', 'Step 3 of 9');
  const terminal = world.editor.terminals[0]!;
  const shows = (words: string) =>
    world.until(words, () => {
      void world.control.advance(100);
      return terminal.lines.some((line) => line.includes(words));
    });
  await shows('Step 3 of 9');
  assert.equal(terminal.name, 'ComfyDeploy: build of sd-box');

  terminal.dispose();
  world.control.alterMachine(machine.id, { status: 'ready' });
  await world.run('showBuildLog', target);
  await world.until('the end', () => {
    void world.control.advance(100);
    return world.editor.terminals[1]?.lines.at(-1) === '· This is the end of the build log.';
  });
});

test('a machine without a build offers no log of it', async (t) => {
  const { world } = await startWithMachine(t, { versionId: null });
  assert.equal(world.item(world.node('sd-box')).contextValue, 'machine +create');
  world.control.addMachine({ ...ME, name: 'other', status: 'building' });
  await world.refresh();
  assert.equal(world.item(world.node('other')).contextValue, 'machine +create +version');
});

/** Requests a session on the machine, up to the question whether to wait. */
async function askToWait({ world, target }: Box) {
  const created = world.run('createSession', target);
  (await world.editor.pick(/Which GPU/)).choose('A10G');
  (await world.editor.pick(/For how long/)).choose('15 min');
  const question = await world.editor.message(/sd-box is still being built/);
  return { created, question };
}

test('a session on a machine that is being built starts when it is ready', async (t) => {
  const box = await startWithMachine(t, { status: 'building' });
  const { world, machine } = box;
  const { created, question } = await askToWait(box);
  assert.equal(question.options.modal, true);
  question.press('Wait and Start');
  await world.editor.progress(/^Waiting for sd-box to be built/);
  await world.advance(5 * MINUTE);
  assert.equal(world.control.bill().created, 0);

  world.control.alterMachine(machine.id, { status: 'ready' });
  await world.advance(MINUTE);
  await world.finish(created);
  assert.equal(world.control.bill().created, 1);
  assert.equal(world.editor.panels.length, 1);
});

test('a machine that is built is not waited for', async (t) => {
  const { world, target } = await startWithMachine(t);
  const created = world.run('createSession', target);
  (await world.editor.pick(/Which GPU/)).choose('A10G');
  (await world.editor.pick(/For how long/)).choose('15 min');
  await world.advance(10_000);
  await world.finish(created);
  assert.deepEqual(
    world.editor.progresses.map(({ title }) => title).filter((title) => title !== ''),
    ['Starting A10G on sd-box'],
  );
});

test('a failed build is reported with a link to its log, and nothing is started', async (t) => {
  const box = await startWithMachine(t, { status: 'building' });
  const { world, machine } = box;
  const { created, question } = await askToWait(box);
  question.press('Wait and Start');
  await world.editor.progress(/^Waiting/);
  world.control.alterMachine(machine.id, { status: 'error' });
  await world.advance(MINUTE);
  await world.finish(created);
  const notice = await world.editor.message(/The build of sd-box failed\. No session was started\./);
  notice.press('Show Build Log');
  await world.until('the log', () => world.editor.terminals.length > 0);
  assert.equal(world.control.bill().created, 0);
});

for (const [how, giveUp] of [
  ['not wanted', ({ question }: Awaited<ReturnType<typeof askToWait>>) => Promise.resolve(question.dismiss())],
  [
    'given up',
    async ({ question }: Awaited<ReturnType<typeof askToWait>>, { editor }: World) => {
      question.press('Wait and Start');
      (await editor.progress(/^Waiting/)).cancel();
    },
  ],
] as const)
  test(`a wait that is ${how} starts nothing, also later`, async (t) => {
    const box = await startWithMachine(t, { status: 'building' });
    const { world, machine } = box;
    const asked = await askToWait(box);
    await giveUp(asked, world);
    await asked.created;
    world.control.alterMachine(machine.id, { status: 'ready' });
    await world.advance(2 * MINUTE);
    assert.equal(world.control.bill().created, 0);
    assert.equal(world.editor.messages.length, 1);
  });

for (const [how, input, says, button] of [
  [
    'has not been built yet',
    { builtBy: null },
    /^sd-box has not been built yet\. Build it in the dashboard first\.$/,
    'Open Dashboard',
  ],
  [
    'has been building for over an hour',
    { status: 'building', updatedAt: Date.UTC(2030, 0, 1, 10) },
    /has been building for over an hour.* No session was started\.$/,
    'Show Build Log',
  ],
  ['failed to build', { status: 'error' }, /^The build of sd-box failed\. No session was started\.$/, 'Show Build Log'],
  ['is of a kind without sessions', { type: 'classic' }, /^sd-box can't run sessions\./, 'Show Build Log'],
] as const)
  test(`a session on a machine that ${how} is refused before anything is asked`, async (t) => {
    const { world, target } = await startWithMachine(t, input);
    await world.run('createSession', target);
    const { text, buttons } = await world.editor.message(/sd-box/);
    assert.match(text, says);
    assert.deepEqual([buttons, world.editor.messages.length], [[button], 1]);
    const progresses = world.editor.progresses.filter(({ title }) => title !== '');
    assert.deepEqual([world.editor.inputs, progresses, world.control.bill().created], [[], [], 0]);
  });

test('where a machine was never built, one button leads to its page in the dashboard', async (t) => {
  const { world, machine, target } = await startWithMachine(t, { builtBy: null });
  await world.run('createSession', target);
  (await world.editor.message(/not been built yet/)).press('Open Dashboard');
  await world.until('the page', () => world.editor.opened.length > 0);
  assert.deepEqual(world.editor.opened, [new URL(`/machines/${machine.id}`, world.apiUrl).href]);
});

test('the palette offers machines that are being built last', async (t) => {
  const { world } = await startWithMachine(t, { status: 'building', name: 'a-new-one' });
  world.control.addMachine({ ...ME, name: 'sd-box' });
  await world.refresh();
  const created = world.run('createSession');
  const list = await world.editor.pick(/On which machine/);
  assert.deepEqual(
    list.items.map(({ label, description }) => [label, description]),
    [
      ['sd-box', 'A10G'],
      ['a-new-one', 'A10G · building'],
    ],
  );
  list.hide();
  await created;
});
