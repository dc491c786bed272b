import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { slow } from '../../fakes/prompts';
import { ask, START_UP_MS } from '../creating';
import { everyText } from '../everyText';
import { startWithOutputs } from '../saving';
import { ME, MINUTE, start, startWithSession, STUDIO, targetOf, type World } from '../start';

/** If this were shown as a link, one click would type a command into the terminal. */
const LINK = '[Please confirm](command:workbench.action.terminal.sendSequence?%7B%7D)';
/** Other tricks of a name: an icon, reversed text, several lines, invisible characters. */
const EVIL = `${LINK}$(key)\n\u202ekcab\u{e0041}\u200b`;
const DISARMED = /\[Please confirm\] \(command:workbench\.action\.terminal\.sendSequence/;

/** The harness checks every shown text after the test; this asserts that the words were shown at all. */
function assertShown(world: World, ...places: readonly string[]): void {
  const where = new Set(everyText(world).flatMap(({ where, text }) => (DISARMED.test(text) ? [where] : [])));
  for (const place of places) assert.ok(where.has(place), `not in a ${place}, only in: ${[...where].join(', ')}`);
}

async function startWithEvilNames(t: TestContext) {
  const known = { id: '', machineId: '' };
  const world = await start(t, {
    furnish: async (control) => {
      control.addUser({ id: ME.userId, username: EVIL });
      known.machineId = control.addMachine({ ...ME, name: EVIL, gpu: EVIL }).id;
      control.addMachine({ ...ME, name: `${EVIL} 2`, status: EVIL });
      known.id = (await control.addSession({ machineId: known.machineId, gpu: EVIL, minutesLeft: 5.5 })).id;
    },
  });
  await world.settled();
  return { world, ...known, target: targetOf(known.id) };
}

test('names of machines, GPUs and people are words in rows, tooltips, the status bar, tabs and titles', async (t) => {
  const { world, id, target } = await startWithEvilNames(t);
  await world.run('openSession', target);
  await world.run('showSessionLog', target);
  await world.run('showMachineDay', { kind: 'machine', machineId: world.control.machines()[0]?.id });
  assertShown(world, 'row', 'status item', 'view', 'tab', 'terminal', 'text');
  const actions = world.run('sessionActions', target);
  (await world.editor.pick(/What do you want/)).hide();
  await actions;
  const created = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose(world.editor.inputs.at(-1) ? nameIn(world) : '');
  (await world.editor.pick(/Which GPU/)).enter();
  (await world.editor.pick(/For how long/)).hide();
  await created;
  assertShown(world, 'prompt', 'item');
  assert.ok(world.control.session(id));
});

/** The label under which the machine is offered. */
const nameIn = ({ editor }: World): string =>
  (editor.openInput as unknown as { readonly labels: readonly string[] }).labels.find((label) =>
    DISARMED.test(label),
  ) ?? '';

test('they are words in every notice, question, note and progress about a session', async (t) => {
  const { world, target } = await startWithEvilNames(t);
  await world.advance(MINUTE);
  const warning = await world.editor.message(/ends at/);
  warning.press(warning.buttons[0] ?? '');
  await world.until('the extension', () => world.editor.statusMessages.length > 0);
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End the session on/)).dismiss();
  await ended;
  assertShown(world, 'notice', 'prompt', 'progress');
});

test('what the server says of a failure is words in a notice, in the view and in the box for the key', async (t) => {
  const { world } = await startWithSession(t);
  const answer = { kind: 'answer', status: 400, body: { detail: EVIL } } as const;
  world.control.fault({ method: 'POST', path: '/api/session', effect: answer, times: 1 });
  const created = world.run('createSession');
  await ask(world);
  await world.editor.message(DISARMED);
  await created;
  world.control.fault({ path: '/api/sessions', effect: answer });
  await world.refresh();
  assert.match(world.view.message ?? '', DISARMED);

  world.control.fault({ path: '/api/machines/all', effect: answer });
  const signedIn = world.run('signIn');
  (await world.editor.pick(/How do you want/)).choose('Paste an API Key');
  const box = await world.editor.inputBox();
  box.enter('some-key');
  await world.until('a complaint', () => DISARMED.test(box.complaint));
  box.hide();
  await signedIn;
  world.control.clearFaults();
});

test('what the server says of a log that it does not give is words in the terminal', async (t) => {
  const { world, target } = await startWithSession(t);
  const detail = `no log\x1b]52;c;cm0=\x07\x1b]8;;command:x\x07click\x1b[2J\r\nsecond line`;
  world.control.fault({ path: '/api/v2/stream-logs', effect: { kind: 'answer', status: 400, body: { detail } } });
  await world.run('showSessionLog', target);
  const [terminal] = world.editor.terminals;
  await world.settled();
  await world.advance(500);
  await world.until('the reason', () => terminal?.lines.some((line) => line.includes('no log')));
  assert.doesNotMatch(terminal?.text ?? '', /\x1b(?!\[[\d;]*m)|\x07/);
  assert.ok(terminal?.lines.some((line) => line.includes('click') && line.includes('second line')));
});

test('a key or a host that the server says in its own way is not in the log', async (t) => {
  const { world, id } = await startWithSession(t);
  const { hostname } = new URL(world.control.session(id)?.url ?? '');
  const detail = `No ${hostname.toUpperCase()}:443, ${hostname.replaceAll('.', '%2E')} for ${encodeURIComponent(world.keys.mine)}`;
  world.control.fault({ path: '/api/sessions', effect: { kind: 'answer', status: 400, body: { detail } } });
  await world.refresh();
  const lines = world.editor.channels.flatMap((channel) => channel.lines);
  assert.ok(
    lines.some((line) => line.endsWith('No [address], [address] for [key]')),
    lines.join('\n'),
  );
});

test('the last line of a start-up log is words in the progress, and in the notice of a failed start', async (t) => {
  const world = await start(t, {
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
      control.failNextStartUp(EVIL);
    },
  });
  const created = world.run('createSession');
  await ask(world);
  const progress = await world.editor.progress(/^Starting/);
  await world.advance(START_UP_MS - 1);
  await world.until('the log', () => progress.steps.includes('Starting server'));
  world.control.writeLog(world.control.sessions().at(-1)!.id, EVIL);
  await world.until('the line', () => progress.steps.some((step) => DISARMED.test(step)));
  await world.control.advance(1);
  await world.advance(START_UP_MS);
  await world.finish(created);
  assertShown(world, 'progress', 'notice');
});

test('names of nodes and of files, and what ComfyUI says, are words in progress, notices and problems', async (t) => {
  const { world, comfyUi } = await startWithOutputs(t);
  const prompt = slow(1, { failAt: 1 });
  const titled = { ...prompt, '2': { ...prompt['2'], _meta: { title: EVIL } } };
  const uri = world.editor.files.write(`${EVIL.replace('\n', ' ')}.json`, JSON.stringify(titled));
  comfyUi.startJob({ seconds: 60 });
  const queued = world.editor.run('comfydeploy.queueWorkflow', uri);
  await world.advance(500);
  await world.editor.progress(DISARMED);
  await comfyUi.finishJob();
  await queued;
  await world.editor.message(/failed/);
  const unknown = {
    '1': { class_type: EVIL, inputs: {} },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
  };
  await world.editor.run('comfydeploy.queueWorkflow', world.editor.files.write('b.json', JSON.stringify(unknown)));
  await world.editor.message(/^ComfyUI rejected b/);
  assertShown(world, 'progress', 'notice');
  assert.equal(comfyUi.queueRemaining, 0);
});

test('names of outputs are words in rows, tooltips, dialogs and notices', async (t) => {
  const { world, id, comfyUi } = await startWithOutputs(t);
  const file = { filename: `${EVIL}.png`, subfolder: EVIL, type: 'output' } as const;
  comfyUi.recordRun({ '9': { images: [file] } });
  world.view.expand(world.node('sd-box'));
  world.nodes();
  await world.settled();
  assertShown(world, 'row');
  const saved = world.run('saveOutput', { kind: 'output', sessionId: id, file });
  (await world.editor.saveDialog()).choose(undefined);
  await saved;
  assertShown(world, 'dialog');
});

test("a colleague's name is words where their session is warned of", async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      control.addUser({ id: 'user_mira', username: EVIL });
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      await control.addSession({ machineId, userId: 'user_mira', minutesLeft: 5.5 });
    },
    window: ({ editor }) => editor.configure('comfydeploy.watchOthers', true),
  });
  await world.advance(MINUTE);
  await world.editor.message(DISARMED);
  assertShown(world, 'row', 'notice');
});
