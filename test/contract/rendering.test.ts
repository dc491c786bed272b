import assert from 'node:assert/strict';
import test from 'node:test';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { PromptRefused } from '../../src/comfyui/refusal';
import type { Stage } from '../../src/comfyui/progress';
import { readWorkflow } from '../../src/comfyui/workflow';
import { until } from '../fakes/until';
import { slow } from '../fakes/prompts';
import { startRenderings } from './rendering';
import { noRests } from '../fakes/noRests';

const sharesOf = (stages: readonly Stage[]) =>
  stages.flatMap((stage) => (stage.kind === 'running' ? [stage.share] : []));

test('a prompt is followed from its place in the queue to its file', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, stages } = render(slow(1, { steps: 4 }));
  const ended = await outcome;

  assert.ok(ended.kind === 'done' && !ended.isCached && (ended.took ?? 0) > 0);
  assert.deepEqual(ended.files, [{ filename: 'run_00001_.png', subfolder: '', type: 'output' }]);
  const shares = sharesOf(stages);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  for (const share of [1 / 3, 1.25 / 3, 1.5 / 3, 1.75 / 3]) assert.ok(shares.includes(share), `${share}`);
  assert.ok(stages.some((stage) => stage.kind === 'running' && stage.node === 'Slow step'));
  assert.equal(stages.at(-1)?.kind, 'done');
  assert.equal(control.requests.filter((request) => request === 'POST /prompt').length, 1);
  assert.equal(control.requests.includes('GET /queue'), false);
});

test('what is rendered again although nothing has changed says so, and names the same files', async (t) => {
  const { render } = await startRenderings(t);
  const first = await render(slow(1)).outcome;
  const second = await render(slow(1)).outcome;
  assert.ok(first.kind === 'done' && second.kind === 'done');
  assert.deepEqual([first.isCached, second.isCached], [false, true]);
  assert.deepEqual(second.files, first.files);
});

test('the graph and long numbers are sent as they stand in the file', async (t) => {
  const { render, sent } = await startRenderings(t);
  const file = `{"workflow":{"nodes":[],"links":[],"x":18446744073709551615},"output":{"1":{"class_type":"PreviewAny","inputs":{"source":18446744073709551614}}}}`;
  const workflow = await readWorkflow(file, noRests());
  assert.equal((await render(workflow?.prompt, workflow).outcome).kind, 'done');
  const [body = ''] = sent;
  assert.match(body, /"prompt":\{"1":\{"class_type":"PreviewAny","inputs":\{"source":18446744073709551614\}\}\}/);
  assert.match(
    body,
    /"extra_data":\{"extra_pnginfo":\{"workflow":\{"nodes":\[\],"links":\[\],"x":18446744073709551615\}\}\}/,
  );
});

test('outputs that cannot run are reported while the rest runs', async (t) => {
  const { render } = await startRenderings(t);
  const { outcome, problems } = render({
    ...slow(1),
    '4': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
  });
  const ended = await outcome;
  assert.ok(ended.kind === 'done' && ended.files.length === 1);
  assert.deepEqual(problems, [
    { nodeId: '4', classType: 'SaveImage', input: 'filename_prefix', message: 'Required input is missing.' },
  ]);
});

test('a node that is no output, and feeds none, does not count', async (t) => {
  const { render } = await startRenderings(t);
  const dangling = { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 3 } };
  const { outcome, stages } = render({ ...slow(1, { delay: 0.1 }), '7': dangling });
  assert.equal((await outcome).kind, 'done');
  assert.ok(Math.max(...sharesOf(stages)) > 0.99, `${Math.max(...sharesOf(stages))}`);
});

test('what ComfyUI refuses is reported by node and input', async (t) => {
  const { render } = await startRenderings(t);
  const refused = async (prompt: unknown) => {
    const failure = await render(prompt).outcome.catch((error: unknown) => error);
    assert.ok(failure instanceof PromptRefused);
    return failure;
  };
  const prompt = slow(1);
  const narrow = { ...prompt['1'], inputs: { ...prompt['1'].inputs, width: -5, batch_size: 'abc' } };
  const { problems } = await refused({ ...prompt, '1': narrow });
  assert.deepEqual(
    problems.map(({ nodeId, classType, input }) => [nodeId, classType, input]),
    [
      ['1', 'EmptyImage', 'width'],
      ['1', 'EmptyImage', 'batch_size'],
    ],
  );
  assert.match(problems[0]?.message ?? '', /^Value -5 smaller than min of 1\.$/);

  const unknown = await refused({ ...prompt, '8': { class_type: 'NoSuchNode', inputs: {} } });
  assert.deepEqual(
    unknown.problems.map(({ nodeId, message }) => [nodeId, message]),
    [['8', 'Cannot execute because node NoSuchNode does not exist.']],
  );
  const empty = await refused({ '1': prompt['1'] });
  assert.deepEqual([empty.message, empty.problems], ['Prompt has no outputs.', []]);
});

test('a failure while it runs names the node and the reason, and no path or address', async (t) => {
  const { render } = await startRenderings(t);
  const ended = await render(slow(1, { failAt: 2 })).outcome;
  assert.deepEqual(ended, {
    kind: 'failed',
    failure: { nodeId: '2', classType: 'ProbeSlow', message: 'failed on purpose at step 2\n' },
  });
});

test('what waits is taken out of the queue, and what runs before it goes on', async (t) => {
  const { render, control } = await startRenderings(t);
  control.startJob({ seconds: 60 });
  control.startJob({ seconds: 60 });
  const { outcome, stages, cancel, accepted } = render(slow(1));
  await accepted();
  assert.deepEqual(stages.at(-1), { kind: 'waiting', ahead: 2 });
  cancel();
  assert.deepEqual(await outcome, { kind: 'takenOut' });
  assert.equal(control.queueRemaining, 2);
  assert.equal(control.requests.includes('POST /interrupt'), false);
});

test('how many are before it is counted down as they end, and not up as others come', async (t) => {
  const { render, control } = await startRenderings(t);
  control.startJob({ seconds: 60 });
  control.startJob({ seconds: 60 });
  const { outcome, stages, accepted } = render(slow(1));
  await accepted();
  control.startJob({ seconds: 60 });
  await control.finishJob();
  await control.finishJob();
  assert.equal((await outcome).kind, 'done');
  const ahead = stages.flatMap((stage) => (stage.kind === 'waiting' ? [stage.ahead] : []));
  assert.deepEqual([...new Set(ahead)], [2, 1, 0]);
});

test('what runs is interrupted, and the next one starts', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, cancel, running } = render(slow(1, { steps: 1000, delay: 0.05 }));
  await running();
  control.startJob({ seconds: 60 });
  cancel();
  assert.deepEqual(await outcome, { kind: 'interrupted' });
  assert.equal(control.queueRemaining, 1);
});

test('what was not heard of lately is interrupted only once the queue says that it is what runs', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, cancel, running } = render(slow(1, { steps: 1000, delay: 0.05 }));
  await running();
  control.muteSockets();
  const asked = () => control.requests.filter((request) => request.startsWith('GET /history/')).length;
  await until('a while without news', () => asked() > 0);
  cancel();
  assert.deepEqual(await outcome, { kind: 'interrupted' });
  const orders = control.requests.filter((request) => /^(GET|POST) \/(queue|interrupt)$/.test(request));
  assert.deepEqual(orders, ['POST /queue', 'GET /queue', 'POST /interrupt']);
});

test('somebody else who interrupts it, or takes it out, is noticed', async (t) => {
  const { render, url, control } = await startRenderings(t);
  const post = (path: string, body: object) => fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const running = render(slow(1, { steps: 1000, delay: 0.05 }));
  await running.running();
  const waiting = render(slow(2));
  await waiting.accepted();
  await post('/queue', { clear: true });
  await post('/interrupt', {});
  assert.deepEqual(await running.outcome, { kind: 'interrupted' });
  assert.deepEqual(await waiting.outcome, { kind: 'lost' });
  assert.equal(control.queueRemaining, 0);
});

test('what was taken out behind our back is noticed although other work goes on', async (t) => {
  const { render, url, control } = await startRenderings(t);
  control.startJob({ seconds: 60 });
  const { outcome, accepted } = render(slow(1));
  await accepted();
  const queue = (await (await fetch(`${url}/queue`)).json()) as { readonly queue_pending: readonly [number, string][] };
  const ids = queue.queue_pending.map(([, id]) => id);
  await fetch(`${url}/queue`, { method: 'POST', body: JSON.stringify({ delete: ids }) });
  assert.deepEqual(await outcome, { kind: 'lost' });
  assert.equal(control.queueRemaining, 1);
});

test('a lost socket reconnects, and gets the rest', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, stages, running } = render(slow(1, { steps: 60, delay: 0.02 }));
  await running();
  control.dropSockets();
  const before = stages.length;
  assert.equal((await outcome).kind, 'done');
  const after = sharesOf(stages.slice(before));
  assert.ok(
    after.some((share) => share < 1),
    'it was told how far it had come',
  );
  assert.deepEqual(
    sharesOf(stages),
    sharesOf(stages).toSorted((a, b) => a - b),
  );
});

test('without any socket the history shows the end', async (t) => {
  const { render, control } = await startRenderings(t);
  control.refuse('/ws', 502);
  const { outcome, stages } = render(slow(1));
  const ended = await outcome;
  assert.ok(ended.kind === 'done' && ended.files.length === 1);
  assert.deepEqual([...new Set(stages.map((stage) => JSON.stringify(stage)))], ['{"kind":"waiting"}']);
});

test('a socket that goes dead without a word is not waited for', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, running } = render(slow(1, { steps: 20, delay: 0.02 }));
  await running();
  control.muteSockets();
  const ended = await outcome;
  assert.ok(ended.kind === 'done' && ended.files.length === 1);
});

test('an answer that is lost is not asked for again: the prompt is found and followed', async (t) => {
  for (const lost of ['running', 'over', 'old'] as const) {
    const { render, control } = await startRenderings(t, lost === 'old' ? { ownPromptIds: false } : {});
    if (lost === 'over') control.refuse('/ws', 502);
    control.cut('/prompt', 0);
    const { outcome } = render(slow(1, { steps: lost === 'over' ? 1 : 20 }));
    const ended = await outcome;
    assert.ok(ended.kind === 'done' && ended.files.length === 1, lost);
    assert.equal(control.requests.filter((request) => request === 'POST /prompt').length, 1, lost);
  }
});

test('an answer that is lost together with the prompt is reported as such', async (t) => {
  const { render, control } = await startRenderings(t);
  control.refuse(/^\/prompt$/, 502);
  await assert.rejects(render(slow(1)).outcome, {
    kind: 'refused',
    message: /server error \(502\)\. The workflow is not in its/,
  });
  assert.equal(control.requests.filter((request) => request === 'POST /prompt').length, 1);
  control.mend();
  control.refuse(/^\/(prompt|queue|history.*)$/, 502);
  await assert.rejects(render(slow(1)).outcome, { kind: 'busy', message: /may be in its queue: check there before/ });
});

test('servers that choose their own ids are followed by those', async (t) => {
  const { render } = await startRenderings(t, { ownPromptIds: false });
  const ended = await render(slow(1)).outcome;
  assert.ok(ended.kind === 'done' && ended.files.length === 1);
});

test('a ComfyUI that was restarted no longer has it, and that is said', async (t) => {
  const { render, restart } = await startRenderings(t);
  const { outcome, running, known } = render(slow(1, { steps: 1000, delay: 0.05 }));
  await running();
  await restart();
  assert.deepEqual(await outcome, { kind: 'lost' });
  assert.equal(known.failures.length, 0);
});

test('a ComfyUI that was restarted and given other work no longer has it either', async (t) => {
  const world = await startRenderings(t);
  const { outcome, running } = world.render(slow(1, { steps: 1000, delay: 0.05 }));
  await running();
  await world.restart();
  world.control.startJob({ seconds: 60 });
  assert.deepEqual(await outcome, { kind: 'lost' });
});

test('a history that was cleared leaves the end known and the files not', async (t) => {
  const { render, control } = await startRenderings(t);
  control.refuse(/^\/history/, 404);
  assert.deepEqual(await render(slow(1)).outcome, { kind: 'forgotten' });
});

test('two at once are each followed by themselves, and the page hears what is its own', async (t) => {
  const { render, url, control } = await startRenderings(t);
  const page = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=page`);
  const heard: string[] = [];
  page.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) heard.push(data.toString());
  });
  await once(page, 'message');
  const [one, two] = [render(slow(1)), render(slow(2, { failAt: 1 }))];
  const ended = await Promise.all([one.outcome, two.outcome]);
  assert.deepEqual(
    ended.map(({ kind }) => kind),
    ['done', 'failed'],
  );
  assert.ok(
    heard.every((text) => /^\{"type": ?"status"/.test(text)),
    heard.join('\n'),
  );
  control.startJob({ seconds: 0, clientId: 'page' });
  while (!heard.some((text) => text.includes('execution_success'))) await once(page, 'message');
  page.terminate();
});

test('when there is nobody left to ask, everything is let go', async (t) => {
  const { render, control } = await startRenderings(t);
  const { outcome, running, gone } = render(slow(1, { steps: 1000, delay: 0.05 }));
  await running();
  gone();
  await assert.rejects(outcome, /^Error: gone$/);
  while (control.openSockets > 0) await new Promise(setImmediate);
});

test('neither the log nor a failure names the address', async (t) => {
  const { render, control, log, url } = await startRenderings(t);
  await render(slow(1)).outcome;
  control.refuse('/prompt', 502);
  const failure = await render(slow(1)).outcome.catch((error: unknown) => error);
  control.dropSockets();
  const said = [String(failure), ...log.lines].join('\n');
  assert.ok(log.lines.length > 0);
  assert.ok(!said.includes(new URL(url).port), said);
});
