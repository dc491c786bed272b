import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { manifest } from '../../fakes/manifest';
import { slow } from '../../fakes/prompts';
import { Uri } from '../../fakes/vscode/values';
import type { FakeTerminal } from '../../fakes/vscode/terminal';
import { ME, start, startWithSession, type World } from '../start';

const TASK = { type: 'comfydeploy', workflow: 'cat.json', machine: 'sd-box' };
const WORKSPACE = 'file:///workspace';
const STEP_MS = 1_000;
/** A run of ten seconds. */
const PROMPT = slow(1, { steps: 10, delay: 1 });

/** A window in a workspace with a workflow file; no session runs. */
async function startAtRest(t: TestContext, prompt: unknown = PROMPT): Promise<World> {
  const world = await start(t, {
    comfyUi: true,
    runsByClock: true,
    furnish: (control) => void control.addMachine({ ...ME, name: 'sd-box' }),
  });
  furnish(world, prompt);
  return world;
}

function furnish({ editor }: World, prompt: unknown): void {
  editor.workspaceFolders = [{ uri: Uri.parse(WORKSPACE), name: 'workspace', index: 0 }];
  editor.files.write('cat.json', JSON.stringify(prompt, undefined, 2));
}

/** While time goes on. */
async function seen(world: World, what: string, look: () => boolean): Promise<void> {
  const over = new AbortController();
  const passing = (async () => {
    while (!over.signal.aborted) await world.advance(STEP_MS);
  })();
  await world.until(what, look).finally(() => over.abort());
  await passing;
}

async function ended(world: World, terminal: FakeTerminal): Promise<number> {
  await seen(world, 'the task to end', () => terminal.exitCode !== undefined);
  return terminal.exitCode ?? -1;
}

const savedIn = ({ editor }: World) => [...editor.written.keys()].filter((address) => address.endsWith('.png'));
const created = ({ control }: World) => control.bill().created;
const running = ({ control }: World) =>
  control.sessions().filter(({ endedAt, stoppingAt }) => endedAt === null && stoppingAt === null).length;

/** The question of the first run. */
async function agree(world: World): Promise<void> {
  const question = await world.editor.message(/^Start A10G on sd-box for as long as you use it\?$/);
  assert.match(
    question.options.detail ?? '',
    /^On lease, renewed while used: 15 min at a time \(about \$0\.3\d\), until .* at the latest\. You are asked once: /,
  );
  assert.equal(created(world), 0);
  question.press('Start');
}

test('a task starts a session once its price is agreed to, saves what it renders, and ends it', async (t) => {
  const world = await startAtRest(t);
  const terminal = await world.editor.runTask({ ...TASK, saveTo: 'out' });
  await agree(world);
  assert.equal(await ended(world, terminal), 0, terminal.lines.join('\n'));
  assert.deepEqual([created(world), running(world)], [1, 0]);
  assert.deepEqual(savedIn(world), [`${WORKSPACE}/out/run_00001_.png`]);
  assert.deepEqual(
    ['sd-box · A10G · as long as I use it · $1.22 an hour', 'Starting A10G on sd-box', 'cat on sd-box (A10G)'].filter(
      (line) => !terminal.lines.includes(line),
    ),
    [],
  );
  assert.match(
    terminal.lines.join('\n'),
    /\nSaved \/workspace\/out\/run_00001_\.png\.\nTotal cost: .*\$0\.\d\d\.\nThe session has ended\.$/,
  );
  assert.deepEqual(world.editor.panels, [], 'no tab is opened');
});

test('the same task at the same price asks nothing again, and a changed one does', async (t) => {
  const world = await startAtRest(t);
  const first = await world.editor.runTask(TASK);
  await agree(world);
  await ended(world, first);
  const questions = world.editor.messages.filter(({ options }) => options.modal).length;
  const second = await world.editor.runTask(TASK);
  assert.equal(await ended(world, second), 0, second.lines.join('\n'));
  assert.equal(world.editor.messages.filter(({ options }) => options.modal).length, questions);

  const changed = await world.editor.runTask({ ...TASK, gpu: 'H100' });
  (await world.editor.message(/^Start H100 on sd-box/)).dismiss();
  assert.equal(await ended(world, changed), 130);
  assert.equal(created(world), 2);
});

test('a task that was agreed to still asks before it exceeds a spending limit', async (t) => {
  const world = await startAtRest(t);
  const first = await world.editor.runTask(TASK);
  await agree(world);
  await ended(world, first);
  world.editor.configure('comfydeploy.maxCostPerSession', 0.01);
  const second = await world.editor.runTask(TASK);
  const question = await world.editor.message(/^The session: .* would exceed/);
  question.dismiss();
  assert.equal(await ended(world, second), 130);
  assert.equal(created(world), 1);
});

test('a session that runs already is used, and is not ended', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true, runsByClock: true });
  furnish(world, PROMPT);
  const first = await world.editor.runTask(TASK);
  assert.equal(await ended(world, first), 0, first.lines.join('\n'));
  const many = await world.editor.runTask({ ...TASK, count: 12 });
  assert.equal(await ended(world, many), 0, many.lines.join('\n'));
  assert.match(many.lines[1] ?? '', /^Expected: .*, about \$0\.\d\d\.$/);
  assert.deepEqual([created(world), running(world)], [0, 1]);
  assert.ok(savedIn(world).every((address) => address.startsWith(`${WORKSPACE}/run_0000`)));
});

test('Ctrl+C while its session starts ends that session', async (t) => {
  const world = await startAtRest(t);
  const terminal = await world.editor.runTask(TASK);
  await agree(world);
  await world.until('a session', () => created(world) === 1);
  terminal.type('\x03');
  assert.equal(await ended(world, terminal), 130);
  assert.equal(running(world), 0);
  assert.deepEqual(terminal.lines.slice(-2), ['Ending it', 'The session has ended.']);
});

test('Ctrl+C while it renders stops the render, and ends the session even if it is not to end when done', async (t) => {
  const world = await startAtRest(t, slow(1, { steps: 10_000, delay: 0.05 }));
  const terminal = await world.editor.runTask({ ...TASK, endWhenDone: false });
  await agree(world);
  await seen(world, 'it to render', () => terminal.lines.some((line) => /Slow step/.test(line)));
  terminal.type('\x03');
  assert.equal(await ended(world, terminal), 130, terminal.lines.join('\n'));
  assert.equal(running(world), 0);
});

test('what cannot be saved is not thrown away with its session', async (t) => {
  const world = await startAtRest(t);
  const terminal = await world.editor.runTask(TASK);
  await agree(world);
  world.editor.isDiskFull = true;
  assert.equal(await ended(world, terminal), 1);
  assert.match(terminal.lines.join('\n'), /could not be written/);
  assert.match(
    terminal.lines.join('\n'),
    /Your session on sd-box .*keeps running and is billed, about \$1\.22 an hour\./,
  );
  assert.equal(running(world), 1);
});

test('where outputs could not be saved, nothing is paid for', async (t) => {
  const world = await startAtRest(t);
  world.editor.isDiskFull = true;
  const terminal = await world.editor.runTask({ ...TASK, saveTo: 'out' });
  assert.equal(await ended(world, terminal), 1);
  assert.deepEqual(terminal.lines, ['Nothing can be written to /workspace/out.']);
  assert.equal(created(world), 0);
});

test('two tasks at once share a session, which the one that leaves last ends', async (t) => {
  const world = await startAtRest(t);
  const one = await world.editor.runTask(TASK);
  const other = await world.editor.runTask({ ...TASK, saveTo: 'out', count: 2 });
  await agree(world);
  assert.deepEqual([await ended(world, one), await ended(world, other)], [0, 0], other.lines.join('\n'));
  assert.deepEqual([created(world), running(world)], [1, 0]);
  assert.doesNotMatch(one.lines.join('\n'), /has ended/);
  assert.match(other.lines.join('\n'), /The session has ended\.$/);
});

test('a session that the user keeps, since somebody else renders in it, is not said to have ended', async (t) => {
  const world = await startAtRest(t);
  const terminal = await world.editor.runTask(TASK);
  await agree(world);
  await seen(world, 'it to render', () => terminal.lines.some((line) => /Slow step/.test(line)));
  const body = JSON.stringify({ prompt: slow(7, { steps: 10_000, delay: 0.05 }) });
  const queued = await fetch(new URL('prompt', world.control.sessions()[0]?.url ?? ''), { method: 'POST', body });
  assert.equal(queued.status, 200);
  const question = world.editor.message(/^End the session on sd-box/);
  await seen(world, 'the question', () => world.editor.messages.some(({ text }) => /^End the session/.test(text)));
  (await question).dismiss();
  assert.equal(await ended(world, terminal), 0);
  assert.match(terminal.lines.at(-1) ?? '', /^Your session on sd-box keeps running and is billed/);
  assert.equal(running(world), 1);
});

test('what ComfyUI refuses fails the task, in a line that leads to its place', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true, runsByClock: true });
  const image = PROMPT['1'];
  furnish(world, { ...PROMPT, '1': { ...image, inputs: { ...image.inputs, width: -5 } } });
  const terminal = await world.editor.runTask(TASK);
  assert.equal(await ended(world, terminal), 1);
  const [matcher] = manifest.contributes.problemMatchers;
  const { regexp, file, line, column, severity, message } = matcher?.pattern ?? {};
  const found = terminal.lines.flatMap((text) => [new RegExp(regexp ?? '').exec(text) ?? []]).find(([all]) => all);
  assert.deepEqual(
    [file, line, column, severity, message].map((group) => found?.[group ?? 0]),
    ['/workspace/cat.json', '5', '16', 'error', 'Value -5 smaller than min of 1.'],
  );
});

test('a task in a workspace that is not trusted does nothing', async (t) => {
  const world = await startAtRest(t);
  world.editor.isTrusted = false;
  const terminal = await world.editor.runTask(TASK);
  assert.equal(await ended(world, terminal), 1);
  assert.deepEqual(terminal.lines, ['Tasks run only in a workspace that you trust.']);
  assert.equal(created(world), 0);
});

for (const [member, wrong, possible] of [
  ['workflow', { workflow: undefined }, ''],
  ['machine', { machine: 'other-box' }, ' Possible: sd-box.'],
  ['machine', { machine: 7 }, ''],
  ['gpu', { gpu: 'H9000' }, ' Possible: A10G, CPU, T4, L4, L40S, A100, A100-80GB, H200, H100, and B200.'],
  ['minutes', { minutes: 0 }, ' Possible: 1 to 1440.'],
  ['minutes', { minutes: '30' }, ' Possible: 1 to 1440.'],
  ['count', { count: 1_000_000 }, ' Possible: 1 to 500.'],
] as const) {
  test(`a task whose ${member} is ${JSON.stringify(Object.values(wrong)[0])} says so and starts nothing`, async (t) => {
    const world = await startAtRest(t);
    const terminal = await world.editor.runTask({ ...TASK, ...wrong });
    assert.equal(await ended(world, terminal), 1);
    assert.deepEqual(terminal.lines, [`“${member}” in this task is missing, or can't be used.${possible}`]);
    assert.equal(created(world), 0);
  });
}

test('what Ctrl+C ends is not a session that another task has started and keeps', async (t) => {
  const world = await startAtRest(t);
  world.editor.files.write('dog.json', JSON.stringify(slow(7, { steps: 10_000, delay: 0.05 })));
  const keeping = await world.editor.runTask({ ...TASK, endWhenDone: false });
  await agree(world);
  await seen(world, 'it to render', () => keeping.lines.some((line) => /Slow step/.test(line)));
  const other = await world.editor.runTask({ ...TASK, workflow: 'dog.json' });
  await seen(world, 'the other to wait', () => other.lines.length > 0);
  assert.equal(await ended(world, keeping), 0, keeping.lines.join('\n'));
  other.type('\x03');
  assert.equal(await ended(world, other), 130, other.lines.join('\n'));
  assert.deepEqual([created(world), running(world)], [1, 1]);
  assert.match(other.lines.at(-1) ?? '', /^Your session on sd-box keeps running and is billed/);
});

test('the question on a lease says that credit is short', async (t) => {
  const world = await start(t, {
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
      control.setAccount(ME, { creditDollars: 0.05 });
    },
  });
  furnish(world, PROMPT);
  void world.editor.runTask(TASK);
  const question = await world.editor.message(/^Start A10G on sd-box/);
  assert.match(question.options.detail ?? '', /You are asked once: .*\. There is only .*\$0\.05 of credit left\.$/);
  question.dismiss();
});
