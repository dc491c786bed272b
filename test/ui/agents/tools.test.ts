import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { CancellationToken } from 'vscode';
import { slow } from '../../fakes/prompts';
import { LanguageModelDataPart, LanguageModelTextPart, type MarkdownString, Uri } from '../../fakes/vscode/values';
import { NEVER } from '../../fakes/vscode/editor';
import { spendingOf } from '../spendingPage';
import { ME, start, startWithSession, type StartOptions, type World } from '../start';

const WORKSPACE = 'file:///workspace';
const STEP_MS = 1_000;

/** A window in a workspace with a workflow file; no session runs. */
async function startAtRest(t: TestContext, options: StartOptions = {}): Promise<World> {
  const world = await start(t, {
    comfyUi: true,
    furnish: (control) => void control.addMachine({ ...ME, name: 'sd-box' }),
    ...options,
  });
  furnish(world);
  return world;
}

function furnish({ editor }: World): void {
  editor.workspaceFolders = [{ uri: Uri.parse(WORKSPACE), name: 'workspace', index: 0 }];
  editor.files.write('cat.json', JSON.stringify(slow(1)));
}

/** While time goes on. */
async function during<T>(world: World, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const passing = (async () => {
    while (!over.signal.aborted) await world.advance(STEP_MS);
  })();
  return work.finally(async () => {
    over.abort();
    await passing;
  });
}

async function call(world: World, name: string, input: object = {}, token: CancellationToken = NEVER) {
  const tool = world.editor.tools.get(`comfydeploy_${name}`);
  assert.ok(tool, `comfydeploy_${name} is registered`);
  const result = await during(
    world,
    Promise.resolve(tool.invoke({ input, toolInvocationToken: undefined }, token)).then((told) => told?.content ?? []),
  );
  const [text] = result;
  assert.ok(text instanceof LanguageModelTextPart);
  return {
    facts: JSON.parse(text.value) as Record<string, unknown>,
    pictures: result.filter((part) => part instanceof LanguageModelDataPart),
    text: text.value,
  };
}

async function asked(world: World, name: string, input: object) {
  const prepared = await during(
    world,
    Promise.resolve(world.editor.tools.get(`comfydeploy_${name}`)?.prepareInvocation?.({ input }, NEVER)),
  );
  const { title, message } = prepared?.confirmationMessages ?? {};
  return title && `${title} ${(message as unknown as MarkdownString).value}`;
}

const created = ({ control }: World) => control.bill().created;
const running = ({ control }: World) =>
  control.sessions().filter(({ endedAt, stoppingAt }) => endedAt === null && stoppingAt === null).length;
const pictures = ({ editor }: World) => [...editor.written.keys()].filter((address) => address.endsWith('.png'));

test('an agent goes from a workflow file to saved pictures, and ends its session', async (t) => {
  const world = await startAtRest(t);
  const { machines } = (await call(world, 'list')).facts;
  assert.deepEqual(
    (machines as { name: string; canStart: boolean }[]).map(({ name, canStart }) => [name, canStart]),
    [['sd-box', true]],
  );
  const wanted = { machine: 'sd-box', minutes: 10 };
  assert.match(
    (await asked(world, 'start', wanted)) ?? '',
    /^Start A10G on sd-box for 10 min\? .*about \$0\.2\d.* Agents have spent about \$0\.00 of \$5\.00 today\.$/,
  );
  assert.equal(created(world), 0);
  const { session, state } = (await call(world, 'start', wanted)).facts;
  assert.deepEqual([state, created(world), running(world)], ['ready', 1, 1]);
  const { run } = (await call(world, 'queue', { workflow: 'cat.json', session })).facts;
  const outputs = await call(world, 'outputs', { session, run, saveTo: 'out' });
  assert.deepEqual(outputs.facts, {
    isDone: true,
    files: ['run_00001_.png'],
    saved: ['/workspace/out/run_00001_.png'],
  });
  assert.deepEqual([outputs.pictures.length, pictures(world)], [1, [`${WORKSPACE}/out/run_00001_.png`]]);
  assert.equal(await asked(world, 'end', { session }), undefined, 'its own session');
  assert.deepEqual((await call(world, 'end', { session })).facts, { isProven: true });
  assert.equal(running(world), 0);
  const { agents } = (await call(world, 'spending')).facts;
  assert.equal((agents as { mostADay: number }).mostADay, 5);
  assert.deepEqual([world.editor.panels, world.editor.messages.map(({ text }) => text)], [[], []]);
  await world.run('showSpending');
  assert.match((await spendingOf(world)).rows, /ended by an agent<small>started by an agent</);
});

test('an agent is refused what its wallet does not hold, and nothing is asked', async (t) => {
  const world = await startAtRest(t);
  world.editor.configure('comfydeploy.agents.most', 0.1);
  const wanted = { machine: 'sd-box', minutes: 30 };
  const why = /With this, agents would spend about \$0\.6\d today, more than their limit of \$0\.10\.$/;
  await assert.rejects(asked(world, 'start', wanted), why, 'so VS Code runs nothing, even if it may by then');
  await assert.rejects(call(world, 'start', wanted), why);
  assert.equal(created(world), 0);
});

test('what could not be asked about is not done, even if it were possible a moment later', async (t) => {
  const world = await start(t, { scope: null });
  for (const [name, input] of [
    ['start', { machine: 'sd-box', minutes: 5 }],
    ['extend', { session: 'some', minutes: 5 }],
    ['end', { session: 'some' }],
  ] as const)
    await assert.rejects(asked(world, name, input), /You are not signed in\./);
  await assert.rejects(asked(world, 'end', { session: 1 }), /Invalid input: session/);
});

/** A token that VS Code cancels with `cancel`. */
function cancellable() {
  const listeners: (() => void)[] = [];
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void) => {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
  };
  const cancel = () => {
    token.isCancellationRequested = true;
    listeners.forEach((listener) => listener());
  };
  return { token: token as unknown as CancellationToken, cancel };
}

test('an agent that is stopped before its session was requested starts none', async (t) => {
  const world = await startAtRest(t);
  const { token, cancel } = cancellable();
  cancel();
  await assert.rejects(call(world, 'start', { machine: 'sd-box', minutes: 10 }, token), { name: 'AbortError' });
  assert.equal(created(world), 0);
  const { agents } = (await call(world, 'spending')).facts;
  assert.equal((agents as { today: number }).today, 0);
});

test('an agent that is stopped while its session starts leaves none behind', async (t) => {
  const world = await startAtRest(t);
  world.control.set({ startUpMs: null });
  const { token, cancel } = cancellable();
  const stopped = assert.rejects(call(world, 'start', { machine: 'sd-box', minutes: 10 }, token), {
    name: 'AbortError',
  });
  await world.until('a session', () => created(world) === 1);
  cancel();
  await stopped;
  assert.deepEqual([created(world), running(world)], [1, 0]);
});

test('an agent does not wait for a run that the session does not know', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const wanted = { session: id, run: '../../system_stats', waitSeconds: 0 };
  await assert.rejects(call(world, 'outputs', wanted), /The session knows no run/);
});

test('a spending limit, of which the user would be asked, is a wall for agents', async (t) => {
  const world = await startAtRest(t);
  world.editor.configure('comfydeploy.maxCostPerDay', 0.5);
  await assert.rejects(
    call(world, 'start', { machine: 'sd-box', minutes: 30 }),
    /would exceed your spending limit of \$0\.50/,
  );
  await call(world, 'start', { machine: 'sd-box', minutes: 10 });
  const [session] = world.control.sessions();
  await assert.rejects(
    call(world, 'extend', { session: session?.id, minutes: 20 }),
    /would exceed your spending limit/,
  );
  assert.deepEqual([created(world), world.editor.messages.length], [1, 0]);
});

test('an agent extends a session of the user, which counts, and asks before it ends it', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  furnish(world);
  const { minutesLeft } = (await call(world, 'extend', { session: id, minutes: 15 })).facts;
  assert.ok(Number(minutesLeft) >= 15);
  const { agents } = (await call(world, 'spending')).facts;
  assert.ok((agents as { today: number }).today > 0.2);
  assert.match((await asked(world, 'end', { session: id })) ?? '', /^End the session on sd-box/);
  await call(world, 'end', { session: id });
  assert.equal(running(world), 0);
});

test('an agent may not queue where a render makes the session longer', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  furnish(world);
  world.editor.configure('comfydeploy.keepAliveWhileRendering', true);
  await assert.rejects(call(world, 'queue', { workflow: 'cat.json', session: id }), /extended while it renders/);
});

test('an agent whose session renders at its end does not make it longer', async (t) => {
  const world = await startAtRest(t);
  world.editor.configure('comfydeploy.keepAliveWhileRendering', true);
  world.editor.configure('comfydeploy.keepAliveUpTo', 60);
  world.editor.files.write('cat.json', JSON.stringify(slow(1, { steps: 10_000, delay: 0.05 })));
  const { session } = (await call(world, 'start', { machine: 'sd-box', minutes: 3 })).facts;
  const { run } = (await call(world, 'queue', { workflow: 'cat.json', session })).facts;
  assert.deepEqual((await call(world, 'outputs', { session, run, waitSeconds: 0 })).facts, { isDone: false });
  await world.advance(4 * 60_000);
  assert.equal(running(world), 0);
});

test('an agent reads files of the workspace only', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  furnish(world);
  for (const workflow of ['../secret.json', '/etc/secret.json', '/workspace/../etc/secret.json'])
    await assert.rejects(
      call(world, 'check', { workflow, machine: 'sd-box' }),
      /only files in the workspace/,
      workflow,
    );
  await assert.rejects(call(world, 'outputs', { session: id, saveTo: '../..' }), /only files in the workspace/);
  await assert.rejects(call(world, 'check', { workflow: 'no.json', machine: 'sd-box' }), /\/no\.json is missing\.$/);
});

test('what an agent is told contains no address of a session and no key', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const { text } = await call(world, 'list');
  assert.match(text, new RegExp(id));
  assert.doesNotMatch(text, /https?:|eyJ/);
});

test('an address that somebody else writes into what an agent is told is hidden in any spelling', async (t) => {
  const { world, id } = await startWithSession(t);
  const { host } = new URL(world.control.session(id)?.url ?? '');
  const [machine] = world.control.machines();
  world.control.alterMachine(machine?.id ?? '', { name: `box ${host.toUpperCase()}` });
  const { text } = await call(world, 'list');
  assert.match(text, /"box \[address\]"/);
  const wanted = { workflow: 'cat.json', machine: 'other' };
  furnish(world);
  await assert.rejects(call(world, 'check', wanted), /Possible: box \[address\]/);
});

test('an agent is told to have the user sign in', async (t) => {
  const world = await start(t, { scope: null });
  await assert.rejects(
    call(world, 'list'),
    /You are not signed in\. Ask the user to run the command "ComfyDeploy: Sign In"\./,
  );
});

test('wrong input is named', async (t) => {
  const world = await startAtRest(t);
  await assert.rejects(call(world, 'start', { machine: 'sd-box', minutes: 241 }), /Invalid input: minutes/);
  await assert.rejects(call(world, 'start', { machine: 'other', minutes: 1 }), /Possible: sd-box\./);
  assert.equal(created(world), 0);
});
