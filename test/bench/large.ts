import { setImmediate as nextTurn } from 'node:timers/promises';
import { ComfyUi } from '../../src/comfyui/client';
import { systemClock } from '../../src/platform/clock';
import { WorkflowFiles } from '../../src/workflows/ui/workflowFiles';
import { workspace as fakeWorkspace } from '../fakes/vscode';
import { openEditor } from '../fakes/vscode/editor';
import { defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';
import { withLongestWait } from './waits';

const SIZES = [2_500, 10_000] as const;
const LIMIT_MS = 50;
const LINEAR = 6;

export const large: Measurement = {
  name: 'large',
  title: 'Large things',
  method:
    'A history of outputs, each of a run of its own with its graph, read page by page; and JSON files that a tool writes ' +
    'into the workspace, every second one a workflow, sorted for the menus. A quarter of each first: what is linear ' +
    'takes some four times as long for all. Of a workspace that is full of them when a window opens, only so much is ' +
    'read as its budget allows: the rest has its menus by name, or once it is opened.',
  async measure() {
    const writing = await grown('JSON files written', workspace);
    return [...(await grown('outputs in a history', history)), ...writing, ...(await opened())];
  },
};

async function grown(what: string, work: (size: number) => Promise<unknown>): Promise<readonly Figure[]> {
  await work(100); // to have it compiled
  const [few, all] = [await withLongestWait(() => work(SIZES[0])), await withLongestWait(() => work(SIZES[1]))];
  const ratio = all.ms / few.ms;
  const name = `${SIZES[1].toLocaleString('en')} ${what}`;
  return [
    {
      name: `${name}, as a multiple of ${SIZES[0].toLocaleString('en')}`,
      value: `${ratio.toFixed(1)} times`,
      target: atMost(ratio, LINEAR, `${LINEAR}`),
      note: `${milliseconds(all.ms)} and ${milliseconds(few.ms)}`,
    },
    {
      name: `${name}: the longest wait for anything else`,
      value: milliseconds(all.longest),
      target: atMost(all.longest, LIMIT_MS, milliseconds(LIMIT_MS)),
    },
  ];
}

const GRAPH = JSON.stringify(defaultWorkflow);

async function history(size: number): Promise<void> {
  const runOf = (index: number) =>
    `"run-${index}":{"prompt":[${index},"run-${index}",{},{"extra_pnginfo":{"workflow":${GRAPH}}}],` +
    `"outputs":{"9":{"images":[{"filename":"image_${index}.png","subfolder":"","type":"output"}]}}}`;
  const fetch: typeof globalThis.fetch = async (input) => {
    const { searchParams } = new URL(input instanceof Request ? input.url : input);
    const [from, count] = [Number(searchParams.get('offset')), Number(searchParams.get('max_items'))];
    const runs: string[] = [];
    for (let index = from; index < Math.min(size, from + count); index++) {
      runs.push(runOf(index));
      await nextTurn(); // as from a network
    }
    const bytes = new TextEncoder().encode(`{${runs.join(',')}}`);
    await nextTurn();
    return new Response(bytes);
  };
  const log = { trace: () => undefined, info: () => undefined, warn: () => undefined };
  const comfyUi = new ComfyUi('https://one.test', { fetch, clock: systemClock, log, random: () => 0.5 });
  let read = 0;
  for await (const runs of comfyUi.history()) read += runs.length;
  if (read !== size) throw new Error(`Of ${size} runs ${read} were read.`);
}

const OPENED = 2_000;
/** What a window reads for itself when it opens, and no more. */
const BUDGET = { files: 200, bytes: 4 * 1024 * 1024 };

/** A window on a folder full of JSON files, half of them workflows. */
async function opened(): Promise<readonly Figure[]> {
  const editor = openEditor();
  for (let index = 0; index < OPENED; index++)
    editor.files.write(`file${index}.json`, index % 2 === 0 ? GRAPH : `{"rows":"${'x'.repeat(30_000)}"}`);
  const { fs } = fakeWorkspace;
  const readFile = fs.readFile.bind(fs);
  const texts = { files: 0, bytes: 0 };
  fs.readFile = async (uri) => {
    const bytes = await readFile(uri);
    await nextTurn(); // as from a disk
    texts.files++;
    texts.bytes += bytes.length;
    return bytes;
  };
  const { ms, longest } = await withLongestWait(async () => {
    const files = workflowFiles(editor);
    files.begin();
    while (!editor.contexts.has('comfydeploy.graphs')) await new Promise((resolve) => setTimeout(resolve, 10));
    files.dispose();
  });
  fs.readFile = readFile;
  const name = `A window opens on ${OPENED.toLocaleString('en')} JSON files`;
  return [
    {
      name: `${name}: files read`,
      value: `${texts.files}`,
      target: atMost(texts.files, BUDGET.files, `${BUDGET.files}`),
      note: milliseconds(ms),
    },
    {
      name: `${name}: bytes read`,
      value: `${texts.bytes}`,
      target: atMost(texts.bytes, BUDGET.bytes, `${BUDGET.bytes}`),
    },
    {
      name: `${name}: the longest wait for anything else`,
      value: milliseconds(longest),
      target: atMost(longest, LIMIT_MS, milliseconds(LIMIT_MS)),
    },
  ];
}

async function workspace(size: number): Promise<void> {
  const editor = openEditor();
  const files = workflowFiles(editor);
  files.begin();
  for (let index = 0; index < size; index++) {
    editor.files.write(`file${index}.json`, index % 2 === 0 ? GRAPH : '{"a":1}');
    if (index % 100 === 0) await nextTurn();
  }
  while (files.known.length < size / 2) await new Promise((resolve) => setTimeout(resolve, 10));
  files.dispose();
}

function workflowFiles(editor: ReturnType<typeof openEditor>): WorkflowFiles {
  return new WorkflowFiles({
    clock: systemClock,
    report: (error) => {
      throw error;
    },
    beginningOf: async (file) => {
      await nextTurn(); // as from a disk
      const text = editor.files.kept.get(`file://${file}`);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
  });
}
