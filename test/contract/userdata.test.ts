import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { keepInComfyUi } from '../../src/comfyui/userdata';
import { parsePythonJson } from '../../src/platform/pythonJson';
import { ManualClock } from '../fakes/manualClock';
import { LogBook } from '../fakes/setup';
import { startComfyUi } from '../simulator/comfyui/comfyUi';
import { defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';

type Graph = Readonly<Record<string, unknown>>;

async function connect(t: TestContext) {
  const server = await startComfyUi({ gpu: 'A10G' });
  t.after(() => server.close());
  const { url, control } = server;
  const web = { clock: new ManualClock(), log: new LogBook(), random: () => 0.5, fetch };
  const keep = (name: string, graph: Graph = defaultWorkflow, signal = new AbortController().signal) =>
    keepInComfyUi(url, web, { name, graph }, signal);
  const kept = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${url}/userdata?dir=workflows&recurse=true`);
    return answer.ok ? ((await answer.json()) as string[]).toSorted() : [];
  };
  const content = async (name: string) =>
    parsePythonJson(await (await fetch(`${url}/userdata/${encodeURIComponent(`workflows/${name}.json`)}`)).text());
  return { url, control, web, keep, kept, content };
}

test('a workflow is put where the page lists it, and asked for as one segment of a path', async (t) => {
  const { keep, kept, content, control } = await connect(t);
  assert.equal(await keep('portrait'), 'portrait');
  assert.deepEqual(await kept(), ['portrait.json']);
  assert.deepEqual(await content('portrait'), defaultWorkflow);
  assert.ok(control.requests.includes('POST /userdata/workflows%2Fportrait.json'), control.requests.join());
});

test('nothing that is there is overwritten: the same workflow is found, another one gets a number', async (t) => {
  const { keep, kept, control, content } = await connect(t);
  control.saveWorkflow('workflows/portrait.json', 'not even JSON');
  assert.equal(await keep('portrait'), 'portrait (2)');
  const seen = { ...defaultWorkflow, extra: { ds: { scale: 2, offset: [1, 2] } } };
  assert.equal(await keep('portrait', seen), 'portrait (2)', 'only the view was moved');
  assert.equal(await keep('portrait', { ...defaultWorkflow, nodes: [] }), 'portrait (3)');
  assert.deepEqual(await kept(), ['portrait (2).json', 'portrait (3).json', 'portrait.json']);
  assert.deepEqual(((await content('portrait (3)')) as Graph)['nodes'], []);
});

test('a name of any kind stays a name inside the folder', async (t) => {
  const { keep, kept } = await connect(t);
  const names = ['../../x', 'a/b\\c', '50% off %2F..', 'é ☂ #?&+', '', '.hidden', 'CON', 'x'.repeat(500)];
  for (const [index, name] of names.entries()) await keep(name, { ...defaultWorkflow, revision: index });
  const found = await kept();
  assert.equal(found.length, names.length);
  for (const path of found) assert.doesNotMatch(path, /[%/\\]|^\./);
});

test('whole numbers stay what they are', async (t) => {
  const { keep, url } = await connect(t);
  const text = '{"nodes":[{"id":1,"type":"A","widgets_values":[18446744073709551615]}],"links":[]}';
  await keep('seed', parsePythonJson(text) as Graph);
  assert.equal(await (await fetch(`${url}/userdata/workflows%2Fseed.json`)).text(), text);
});

test('a server that refuses, breaks or is gone is reported without its address, and asked once', async (t) => {
  const { keep, control, url, web } = await connect(t);
  control.refuse(/userdata/, 403);
  await assert.rejects(keep('a'), { kind: 'forbidden' });
  control.mend();
  control.refuse(/userdata/, 502);
  await assert.rejects(keep('a'), { kind: 'busy' });
  assert.equal(control.requests.filter((request) => request.startsWith('POST')).length, 2);
  const gone = { ...web, fetch: () => Promise.reject(new TypeError(`fetch failed: ${url}`)) };
  const { signal } = new AbortController();
  const refused = keepInComfyUi(url, gone, { name: 'a', graph: defaultWorkflow }, signal);
  await assert.rejects(refused, (error: Error) => error.cause === undefined && !error.message.includes(url));
});

test('a caller that gives up gets no failure', async (t) => {
  const { keep, control } = await connect(t);
  control.stall(/userdata/, 60_000);
  const given = new AbortController();
  const keeping = keep('a', defaultWorkflow, given.signal);
  given.abort();
  await assert.rejects(keeping, { name: 'AbortError' });
});
