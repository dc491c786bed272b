import assert from 'node:assert/strict';
import test from 'node:test';
import { MOST } from '../../../src/platform/body';
import { ComfyDeployClient } from '../../../src/comfydeploy/client';
import { Http } from '../../../src/platform/http';
import { ComfyUi } from '../../../src/comfyui/client';
import { Prompts } from '../../../src/comfyui/prompts';
import { keepInComfyUi } from '../../../src/comfyui/userdata';
import { MachineId } from '../../../src/comfydeploy/model';
import { systemClock } from '../../../src/platform/clock';
import { stableWorkflowInSlices } from '../../../src/comfyui/stableJson';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { readPluginMessage } from '../../../src/page/plugin';
import { LONGEST_MESSAGE } from '../../../src/page/pluginLimits';
import { ServerTime } from '../../../src/platform/serverTime';
import { readForeignJson } from '../../../src/platform/pythonJson';
import { exactJsonInSlices } from '../../../src/platform/jsonText';
import { Slices } from '../../../src/platform/slices';
import { checkTexts, convertDrawn } from '../../../src/workflows/conversion';
import { LogBook } from '../../fakes/setup';
import { DRAWN_INFO, rowsOfNodes } from '../../fakes/drawnGraphs';
import { longestBlock } from '../../fakes/turns';

// Whatever a server answers, or a file or page says, within what is read of such an answer, everything else has its turn soon.

const never = new AbortController().signal;
const CHUNK = 65_536;

/** As the network brings it. */
function bodyOf(text: string): ReadableStream<Uint8Array> {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, (at += CHUNK))));
    },
  });
}

const web = (text: string, status = 200) => ({
  clock: systemClock,
  log: new LogBook(),
  random: () => 0,
  fetch: async () => new Response(bodyOf(text), { status }),
});
const comfyUi = (text: string) => new ComfyUi('https://comfy.test', web(text));
const prompts = (text: string, status?: number) => new Prompts('https://comfy.test', web(text, status));
const deploy = (text: string) => {
  const serverTime = new ServerTime(systemClock);
  const token = () => Promise.resolve('key');
  const options = { ...web(text), serverTime, token, baseUrl: () => 'https://api.test' };
  return new ComfyDeployClient(new Http(options), options.log);
};
const SUBMISSION = { prompt: {}, graph: undefined, clientId: 'c', promptId: 'p' };

/** One of that name is there already, and is looked at; the next name is free. */
async function kept(text: string): Promise<unknown> {
  let posts = 0;
  const fetch = async (_: unknown, init?: RequestInit) =>
    init?.method === 'POST' ? new Response('', { status: posts++ === 0 ? 409 : 200 }) : new Response(bodyOf(text));
  return keepInComfyUi('https://comfy.test', { ...web(text), fetch }, { name: 'a', graph: { nodes: [] } }, never);
}

async function written(text: string): Promise<unknown> {
  const slices = new Slices(systemClock);
  return stableWorkflowInSlices({ nodes: await readForeignJson(text, slices) }, slices);
}

/** Every kind of answer, and how much of it is read. */
const ANSWERS: Readonly<Record<string, readonly [most: number, ask: (text: string) => Promise<unknown>]>> = {
  'the run that finished last': [MOST.run, (text) => comfyUi(text).newest()],
  'the same with its graph': [MOST.run, (text) => comfyUi(text).lastRun(never)],
  'the end of a run': [MOST.run, (text) => prompts(text).ending('p', never)],
  'the newest runs': [MOST.history, (text) => comfyUi(text).recent(24, never)],
  'memory of a card': [MOST.stats, (text) => comfyUi(text).vram()],
  'a queue': [MOST.queue, (text) => prompts(text).find(SUBMISSION, never)],
  'a class of nodes': [MOST.nodeClass, (text) => prompts(text).isOutput('p', never)],
  'a prompt that is taken': [MOST.refusal, (text) => prompts(text).submit(SUBMISSION, never)],
  'a prompt that is refused': [MOST.refusal, (text) => prompts(text, 400).submit(SUBMISSION, never)],
  'a workflow that ComfyUI keeps': [MOST.workflow, (text) => kept(text)],
  machines: [MOST.machines, (text) => deploy(text).listMachines()],
  sessions: [MOST.sessions, (text) => deploy(text).listSessions()],
  events: [MOST.events, (text) => deploy(text).listMachineEvents(MachineId.parse('m'))],
  credit: [MOST.credit, (text) => deploy(text).getCredit()],
  'a file of the workspace': [LONGEST_MESSAGE, (text) => readWorkflow(text, new Slices(systemClock))],
  'a message of the page': [LONGEST_MESSAGE, (text) => readPluginMessage(text, new Slices(systemClock))],
  'a canvas that is kept': [LONGEST_MESSAGE, written],
  'why starts failed': [MOST.startErrors, (text) => deploy(text).listStartErrors('v')],
};

const filled = (most: number, before: string, piece: (n: number) => string, after: string) => {
  const pieces: string[] = [];
  let left = most - before.length - after.length - 1;
  for (let n = 0; left > 0; n++) {
    const next = piece(n);
    pieces.push(next);
    left -= next.length + 1;
  }
  pieces.pop();
  return `${before}${pieces.join()}${after}`;
};
const within = (most: number, before: string, piece: string, after: string) =>
  before + piece.repeat(Math.floor((most - before.length - after.length) / piece.length)) + after;
/** As dense as is read. */
const DENSE = `"${'x'.repeat(6)}"`;

const SHAPES: Readonly<Record<string, (most: number) => string>> = {
  brackets: (most) => within(most, '', '[', ''),
  'objects in objects': (most) => within(most, '', '{"a":', ''),
  'tiny members': (most) => filled(most, '[', () => '1', ']'),
  'tiny rows': (most) => filled(most, '[', () => '{}', ']'),
  'tiny entries': (most) => filled(most, '{', (n) => `"${n.toString(36)}":{}`, '}'),
  'as many values as are read': (most) => filled(most, '[', () => DENSE, ']'),
  'rows of no use': (most) => filled(Math.min(most, 20_000 * 20), '[', () => '{"id":"aaaaaaaaa"}', ']'),
  'files of a run': (most) =>
    filled(most, '{"p":{"outputs":{"1":{"images":[', () => '{"filename":"aaaaaaaaaaaa","type":"output"}', ']}}}}'),
  'nodes of a run': (most) =>
    filled(
      most,
      '{"p":{"prompt":[1,"p",{',
      (n) => `"${n}":{"class_type":"aaaaaaaaaaa","inputs":{"a":["1",0]}}`,
      '},{},["1"]],"status":{"messages":[["execution_cached",{"nodes":[]}]]}}}',
    ),
  'what a run says': (most) =>
    filled(most, '{"p":{"status":{"messages":[', () => '["execution_start",{"nodes":"x"}]', ']}}}'),
  'a queue of nothing': (most) => filled(most, '{"queue_pending":[],"queue_running":[', () => '"aaaaaaa"', ']}'),
  'problems of a node': (most) =>
    filled(most, '{"error":"no","prompt_id":"p","node_errors":{"1":{"errors":[', () => '{"messages":"aaa"}', ']}}}'),
  'start errors': (most) => filled(most, '{"logs":[', () => '"aaaaaaa"', ']}'),
  'nodes of a graph': (most) => filled(most, '{"nodes":[', () => '{"id":1000000,"type":"aaaaaaa"}', ']}'),
  'one string': (most) => within(most, '"', 'a', '"'),
  'one string of escapes': (most) => within(most, '"', '\\"', '"'),
  'one number': (most) => within(most, '', '1', ''),
  blanks: (most) => within(most, '[', ' ', ']'),
};

/** Of what may be larger, in bytes, not all shapes are tried: they take long to make. */
const LARGE = 16_000_000;
const OF_LARGE = new Set(['brackets', 'as many values as are read', 'files of a run', 'one string of escapes']);

/** What is read at once everywhere: a page of the history as many write it, some megabytes. */
const REFERENCE = JSON.stringify(
  Array.from({ length: 30_000 }, (_, id) => ({
    id,
    type: 'KSampler',
    pos: [id, 0.5],
    inputs: { model: ['1', 0], seed: id },
  })),
);
/**
 * What keeps everything else waiting for longer grows without bounds, or reads in one go what should be read in parts:
 * that takes tens of these. The longest there is, one long string, takes four.
 */
const MOST_REFERENCES = 8;
/** Bytes become a text at once, however many there are. */
const MOST_DECODINGS = 2;
/** Of what is over the limit: memory that is cleared away, and other programs that use up caches, pass. */
const TRIES = 10;

const blockOf = async (work: () => unknown): Promise<number> =>
  (await longestBlock(() => Promise.resolve().then(work))).ms;

/** How long an answer keeps everything else waiting, as a part of what it may. All is measured in the same moment. */
async function shareOf(text: string, ask: (text: string) => Promise<unknown>): Promise<number> {
  gc?.();
  const before = await blockOf(() => JSON.parse(REFERENCE));
  const { ms } = await longestBlock(() => ask(text));
  const bytes = Buffer.from(text, 'latin1');
  const decoding = await blockOf(() => new TextDecoder().decode(Uint8Array.from(bytes)));
  const after = await blockOf(() => JSON.parse(REFERENCE));
  return ms / (MOST_REFERENCES * Math.max(before, after) + MOST_DECODINGS * decoding);
}

async function assertTurns(
  shape: string,
  text: string,
  ask: (text: string) => Promise<unknown>,
  tries: number = TRIES,
): Promise<void> {
  let least = Infinity;
  for (let attempt = 0; attempt < tries && least > 1; attempt++) least = Math.min(least, await shareOf(text, ask));
  assert.ok(least <= 1, `${shape}: ${least.toFixed(1)} times as long as it may take`);
}

test('whatever is answered, everything else has its turn soon', async (t) => {
  for (const [name, [most, ask]] of Object.entries(ANSWERS))
    await t.test(name, async () => {
      for (const [shape, make] of Object.entries(SHAPES)) {
        if (most > LARGE && !OF_LARGE.has(shape)) continue;
        const text = make(most);
        assert.ok(text.length <= most, shape);
        await assertTurns(shape, text, ask);
      }
    });
});

test('an answer that is read in one go is found out', async () => {
  const atOnce = (text: string) => Promise.resolve().then(() => JSON.parse(text) as unknown);
  const rows = SHAPES['tiny rows']?.(MOST.sessions) ?? '';
  await assert.rejects(assertTurns('rows', rows, atOnce, 2), /times as long/);
});

const MACHINE = { packages: [], version: '1.0.0' };

interface Job {
  /** How long that takes to be read is the measure. */
  readonly text: string;
  readonly work: (text: string, slices: Slices) => Promise<unknown>;
}

/** Long work with a workflow. Each is made when its turn comes. */
const WORK: Readonly<Record<string, () => Job>> = {
  'a drawn workflow is converted': () => {
    const nodes = JSON.stringify(DRAWN_INFO);
    return {
      text: JSON.stringify(rowsOfNodes(50_000)),
      work: (graph, slices) => convertDrawn({ graph, nodes }, slices),
    };
  },
  'a drawn workflow is checked': () => {
    const nodes = JSON.stringify(DRAWN_INFO);
    const work = (text: string, slices: Slices) => checkTexts({ text, isDrawn: true, nodes }, MACHINE, slices);
    return { text: JSON.stringify(rowsOfNodes(50_000)), work };
  },
  'a graph is written': () => {
    const graph = { nodes: Array.from({ length: 4_000_000 }, () => ({})) };
    return { text: '', work: (_, slices) => exactJsonInSlices(graph, slices) };
  },
};

test('whatever a workflow is, everything else has its turn soon while it is worked with', async (t) => {
  for (const [name, make] of Object.entries(WORK))
    await t.test(name, async () => {
      const { text, work } = make();
      await assertTurns(name, text, (same) => work(same, new Slices(systemClock)));
    });
});
