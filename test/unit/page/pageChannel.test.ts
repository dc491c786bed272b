import assert from 'node:assert/strict';
import test from 'node:test';
import { haveSameNodes, loadGraph } from '../../../src/page/graphLoading';
import { PageChannel } from '../../../src/page/pageChannel';
import { ASKING, loadingOf } from '../../../src/page/plugin';
import { PluginPage, type Manner } from '../../fakes/pluginPage';
import { ManualClock, settled } from '../../fakes/manualClock';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';

const SECOND = 1_000;
const GRAPH = { nodes: [{ id: 1, type: 'A' }], links: [] };
const LOADED = '{"type":"graph_loaded","data":{}}';

function setUp(manner: Manner = 'good') {
  const clock = new ManualClock();
  const page: PluginPage = new PluginPage(manner, (text) => void channel.hear(text));
  const channel: PageChannel = new PageChannel(({ ask }) => queueMicrotask(() => page.hear(ask, '')), clock);
  const { signal } = new AbortController();
  const load = () => loadGraph(channel, GRAPH, clock, signal);
  return { clock, page, channel, signal, load, asked: () => page.heard.map(({ type }) => type) };
}

test('a graph is sent once the page is ready, and looked at once it says that it is loaded', async () => {
  const { channel, load, page, asked } = setUp();
  const loading = load();
  await settled();
  assert.deepEqual(asked(), [], 'what is sent before is lost');
  channel.setUp();
  assert.equal(await loading, 'shown');
  assert.deepEqual(asked(), ['graph_load', 'get_prompt']);
  assert.deepEqual(page.graphs.at(-1), GRAPH);
});

test('a page that loads slowly is given time, and one that does not load is not believed', async () => {
  for (const [manner, expected] of [
    ['slow', 'shown'],
    ['deaf', 'notTaken'],
  ] as const) {
    const { channel, load, clock } = setUp(manner);
    channel.setUp();
    assert.equal(await clock.finish(load()), expected);
    assert.equal(clock.pending, 0);
  }
});

test('a page that never is ready is waited for no longer than a minute', async () => {
  const { load, clock } = setUp();
  const began = clock.now();
  assert.equal(await clock.finish(load()), 'silent');
  assert.equal(clock.now() - began, 60 * SECOND);
});

test('nobody waits for a page that is known not to speak; if it does after all, it is asked', async () => {
  const { channel, load, clock } = setUp();
  const waiting = load();
  await settled();
  channel.giveUp();
  assert.equal(await waiting, 'silent');
  assert.equal(await load(), 'silent');
  channel.setUp();
  assert.equal(await load(), 'shown');
  assert.equal(clock.pending, 0);
});

test('a question that is not answered within 15 seconds is given up', async () => {
  const { channel, load, clock } = setUp('mute');
  channel.setUp();
  const began = clock.now();
  assert.equal(await clock.finish(load()), 'silent');
  assert.equal(clock.now() - began, 15 * SECOND);
});

for (const [what, happen] of [
  ['reloads itself', (channel: PageChannel) => channel.setUp()],
  ['is loaded anew with its document', (channel: PageChannel) => channel.reload()],
  ['is left by its session', (channel: PageChannel) => channel.interrupt()],
  ['is closed', (channel: PageChannel) => channel.dispose()],
] as const) {
  test(`a page that ${what} has lost the question`, async () => {
    const { channel, load, clock } = setUp('mute');
    channel.setUp();
    const loading = load();
    await settled();
    happen(channel);
    assert.equal(await loading, 'gone');
    assert.equal(clock.pending, 0);
  });
}

test('a document that says for the first time that it is loaded has lost nothing', async () => {
  const { channel, load } = setUp();
  const loading = load();
  channel.reload();
  await settled();
  channel.setUp();
  assert.equal(await loading, 'shown');
});

test('whoever gives up hears nothing more, while they wait for the page or for its answer', async () => {
  for (const isReady of [false, true]) {
    const { channel, clock } = setUp('mute');
    if (isReady) channel.setUp();
    const given = new AbortController();
    const loading = loadGraph(channel, GRAPH, clock, given.signal);
    await settled();
    given.abort();
    await assert.rejects(loading, { name: 'AbortError' });
    assert.equal(clock.pending, 0);
  }
});

test('questions are asked one after the other', async () => {
  const { channel, signal, page, asked, clock } = setUp('mute');
  channel.setUp();
  const first = channel.ask(ASKING, signal);
  const second = channel.ask(loadingOf(GRAPH), signal);
  await settled();
  assert.deepEqual(asked(), ['get_prompt']);
  page.manner = 'good';
  page.hear(ASKING.ask, '');
  const answer = await first;
  assert.deepEqual(answer, { type: 'cd_plugin_onGetPrompt', graph: defaultWorkflow, prompt: defaultPrompt(1) });
  assert.deepEqual(await second, { type: 'graph_loaded' });
  assert.equal(clock.pending, 0);
});

test('what comes unasked, or of another type, or after the answer, is no answer to anything', async () => {
  const { channel, signal } = setUp('mute');
  channel.setUp();
  void channel.hear(LOADED);
  const asking = channel.ask(ASKING, signal);
  await settled();
  void channel.hear(LOADED);
  void channel.hear('{"type":"cd_plugin_setup"}');
  void channel.hear({ type: 'cd_plugin_onGetPrompt', data: {} });
  const data = { workflow: GRAPH };
  void channel.hear(JSON.stringify({ type: 'cd_plugin_onGetPrompt', data }));
  assert.deepEqual(await asking, { type: 'cd_plugin_onGetPrompt', graph: GRAPH, prompt: undefined });
});

test('graphs are the same if their nodes are, however the page orders, places and fills them', () => {
  const graph = (...nodes: object[]) => ({ nodes, links: [] });
  const [a, b] = [
    { id: 1, type: 'A' },
    { id: '2', type: 'B' },
  ];
  assert.ok(haveSameNodes(graph(a, b), graph({ ...b, id: 2, pos: [1, 1] }, a)));
  assert.ok(haveSameNodes(graph({ id: 1, type: 'workflow/My <group>' }), graph({ id: 1, type: 'workflow>My group' })));
  assert.ok(haveSameNodes(graph(), graph()));
  for (const other of [graph(), graph(a), graph(a, b, b), graph(a, { ...b, type: 'C' }), graph(a, { ...b, id: 3 })])
    assert.ok(!haveSameNodes(graph(a, b), other));
});

test('nodes that the page gives an id of their own are known by their type', () => {
  const graph = (...nodes: (readonly [number | string, string])[]) => ({
    nodes: nodes.map(([id, type]) => ({ id, type })),
    links: [],
  });
  const drawn = graph([-1, 'A'], [-1, 'B'], [3, 'A'], ['-1', 'A']);
  assert.ok(haveSameNodes(drawn, graph([3, 'A'], [4, 'B'], [5, 'A'], [6, 'A'])));
  assert.ok(haveSameNodes(drawn, drawn));
  assert.ok(haveSameNodes(graph([1, 'A'], [1, 'B']), graph([1, 'A'], [2, 'B'])), 'one id of two nodes');
  const others = [graph([3, 'A'], [4, 'B'], [5, 'A']), graph([3, 'A'], [4, 'B'], [5, 'A'], [6, 'C'])];
  for (const other of [...others, graph([4, 'B'], [5, 'A'], [6, 'A'], [7, 'A'])])
    assert.ok(!haveSameNodes(drawn, other));
});
