import assert from 'node:assert/strict';
import test from 'node:test';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { NotConverted } from '../../../src/workflows/notConverted';
import { conversionOf, promptFrom } from '../../../src/workflows/promptFrom';
import { OBJECT_INFO, PAIRS, STILL, asSent, drawnGraph, drawnNode, titlesIn } from './pairs';

/** Nodes of no server: `A` passes a picture on, `B` has values of each kind, `S` saves. */
const INFO = {
  A: { input: { required: { picture: ['P', {}] } }, output: ['P'], display_name: 'The A' },
  B: {
    input: {
      required: {
        seed: ['INT', { min: 0, max: 100 }],
        size: ['FLOAT', { default: 1.5, step: 0.25 }],
        kind: [['x', 'y']],
      },
      optional: { text: ['STRING', { dynamicPrompts: true }], picture: ['P'], isOn: ['BOOLEAN'] },
    },
    output: ['P', 'MASK'],
    display_name: 'B',
  },
  S: { input: { required: { pictures: ['P'] } }, output: [], display_name: 'S' },
};

const converted = (graph: object, info: object = INFO) => promptFrom(graph, info, STILL);
const inputsOf = (graph: object, id: string, info?: object) => converted(graph, info)[id]?.inputs;
const refusal = (graph: unknown) => {
  try {
    promptFrom(graph, INFO);
  } catch (error) {
    assert.ok(error instanceof NotConverted);
    return error.reason;
  }
  assert.fail('it was converted');
};

test('a drawn workflow becomes the prompt that the page makes of it', async (t) => {
  assert.equal(PAIRS.size, 28);
  for (const [name, { graph, prompt }] of PAIRS)
    await t.test(name, () => {
      const given = titlesIn(graph);
      assert.deepEqual(asSent(promptFrom(graph, OBJECT_INFO, STILL), given), asSent(prompt, given));
    });
});

test('what a node is called is what its server calls it, unless somebody has named it', () => {
  const graph = drawnGraph([drawnNode(1, 'A'), drawnNode(2, 'A', { title: 'Mine' }), drawnNode(3, 'A', { title: '' })]);
  assert.deepEqual(
    Object.values(converted(graph)).map(({ _meta }) => _meta.title),
    ['The A', 'Mine', 'The A'],
  );
});

test('numbers are sent as they stand in the file', () => {
  const text =
    '{"nodes":[{"id":1,"type":"B","widgets_values":[18446744073709551615,"fixed",8.0,"x"]},{"id":2,"type":"B"},' +
    '{"id":3,"type":"PrimitiveNode","outputs":[{"links":[7]}],"widgets_values":[64.0]},' +
    '{"id":4,"type":"B","inputs":[{"name":"seed","type":"INT","link":7,"widget":{"name":"seed"}}],"widgets_values":[1,"fixed",NaN]}],' +
    '"links":[[7,3,0,4,0,"INT"]]}';
  const info = parsePythonJson(JSON.stringify(INFO).replace('1.5', '2.0'));
  const sent = exactJson(promptFrom(parsePythonJson(text), info));
  assert.ok(sent.includes('"seed":18446744073709551615,"size":8.0'), sent);
  assert.ok(sent.includes('"seed":0,"size":2.0'), 'a beginning, too');
  assert.ok(sent.includes('"seed":64.0,"size":NaN'), 'a value from elsewhere, and a word of Python');
  assert.equal(promptFrom(JSON.parse(text.replace('NaN', 'null')), INFO)['1']?.inputs['seed'], 2 ** 64);
});

test('nodes that the server does not know are named, and so are those that need a page', () => {
  const live = { W: { input: { required: { image: ['WEBCAM', {}], width: ['INT', {}] } }, output: ['P'] } };
  const graph = drawnGraph(
    [
      drawnNode(1, 'SetNode', { inputs: ['a:P<1'], values: ['x'] }),
      drawnNode(2, 'W', { values: ['', 64] }),
      drawnNode(3, 'Note', { values: ['n'] }),
    ],
    [[1, 2, 0, 1, 0]],
  );
  const { prompt, unsendable } = conversionOf(graph, live);
  assert.deepEqual(unsendable, [
    { id: '1', type: 'SetNode', why: 'unknown' },
    { id: '2', type: 'W', why: 'live' },
  ]);
  assert.deepEqual(prompt['1'], { inputs: { UNKNOWN: 'x', a: ['2', 0] }, _meta: {} });
  const muted = drawnGraph([drawnNode(1, 'SetNode', { mode: 2 }), drawnNode(2, 'W', { mode: 4 })]);
  assert.deepEqual(
    conversionOf(muted, live),
    { prompt: {}, unsendable: [], choosing: [], drawn: new Map() },
    'what does not run is not missed',
  );
});

test('a subgraph shows the first widget that its input leads to, and all that it leads to take its value', () => {
  const inner = [
    drawnNode(10, 'B', { inputs: ['seed:INT<1'], values: [7, 'fixed'] }),
    drawnNode(11, 'B', { inputs: ['seed:INT<2'], values: [8, 'fixed'] }),
  ].map((node) => ({ ...node, inputs: [{ ...(node['inputs'] as object[])[0], widget: { name: 'seed' } }] }));
  const links = [1, 2].map((id) => ({
    id,
    origin_id: -10,
    origin_slot: 0,
    target_id: 9 + id,
    target_slot: 0,
    type: 'INT',
  }));
  const subgraph = {
    id: 'sub',
    inputs: [{ name: 'seed', type: 'INT', linkIds: [1, 2] }],
    outputs: [],
    nodes: inner,
    links,
  };
  const graph = drawnGraph([drawnNode(1, 'sub')], [], { definitions: { subgraphs: [subgraph] } });
  assert.deepEqual(
    Object.entries(converted(graph)).map(([id, { inputs }]) => [id, inputs['seed']]),
    [
      ['1:10', 7],
      ['1:11', 7],
    ],
  );
  const deaf = drawnNode(12, 'A', { inputs: ['picture:INT<3'] });
  const [first] = links;
  const behind = {
    ...subgraph,
    inputs: [{ name: 'seed', type: 'INT', linkIds: [3, 1, 2] }],
    nodes: [deaf, ...inner],
    links: [...links, { ...first, id: 3, target_id: 12 }],
  };
  const shown = converted(drawnGraph([drawnNode(1, 'sub')], [], { definitions: { subgraphs: [behind] } }));
  assert.deepEqual(
    Object.values(shown).map(({ inputs }) => inputs['seed'] ?? inputs['picture']),
    [7, 7, 7],
  );
  const fed = drawnGraph(
    [
      drawnNode(1, 'sub', { inputs: ['seed:INT<5'] }),
      drawnNode(2, 'PrimitiveNode', { values: [900], outputs: [{ links: [5] }] }),
    ],
    [[5, 2, 0, 1, 0]],
    { definitions: { subgraphs: [subgraph] } },
  );
  assert.deepEqual(
    Object.values(converted(fed)).map(({ inputs }) => inputs['seed']),
    [100, 8],
    'within its limits',
  );
});

test('values that one primitive gives to several inputs suit all of them', () => {
  const names = ['a', 'b', 'c'];
  const steps = [2, 3, 5].map((step, at) => [names[at], ['INT', { min: at === 0 ? 10 : 0, max: 900 - at, step }]]);
  const info = { N: { input: { required: Object.fromEntries(steps) as object } }, output: [] };
  const inputs = names.map((name, at) => ({ name, type: 'INT', link: at + 1, widget: { name } }));
  const links = names.map((_, at) => [at + 1, 2, 0, 1, at]);
  const of = (value: number) => {
    const primitive = drawnNode(2, 'PrimitiveNode', { values: [value], outputs: [{ links: [1, 2, 3] }] });
    return inputsOf(drawnGraph([{ ...drawnNode(1, 'N'), inputs }, primitive], links), '1', info);
  };
  assert.deepEqual(of(57), { a: 70, b: 69, c: 70 }, 'by steps of 30 from 10');
});

test('a group of nodes is as old pages had it: lists of choices are values like others', () => {
  const nodes = [
    { type: 'B', inputs: [], widgets_values: [1, 'fixed', 2, 'x', 'old'], title: 'First', index: 0 },
    { type: 'Reroute', inputs: [{ name: '', type: '*' }], outputs: [{ type: '*' }], index: 1 },
    { type: 'A', inputs: [{ name: 'picture', type: 'P' }], index: 2 },
    { type: 'B', inputs: [{ name: 'picture', type: 'P' }], widgets_values: [], index: 3 },
  ];
  const pair = {
    nodes,
    links: [
      [null, 0, 1, 0, 99, 'P'],
      [1, 0, 2, 0, 0, 'P'],
      [2, 0, 3, 0, 0, 'P'],
    ],
    external: [[{ index: 2 }, 0, 'P']],
    config: { '1': { input: { P: { name: 'in' } } } },
  };
  const values = [11, 'fixed', 3, 'y', 'new', true, 12, 'fixed', 4, 'x', '', false];
  const group = drawnNode(5, 'workflow/pair', { inputs: ['picture:P', 'in:P<1'], values });
  const graph = drawnGraph(
    [drawnNode(4, 'A'), group, drawnNode(6, 'S', { inputs: ['pictures:P<2'] })],
    [
      [1, 4, 0, 5, 1],
      [2, 5, 2, 6, 0],
    ],
    { extra: { groupNodes: { pair } } },
  );
  const prompt = converted(graph);
  assert.deepEqual(Object.keys(prompt), ['4', '6', '5:0', '5:2', '5:3']);
  assert.deepEqual(prompt['5:0']?.inputs, { seed: 11, size: 3, kind: 'y', text: 'new', isOn: true });
  assert.deepEqual(prompt['5:2']?.inputs, { picture: ['4', 0] });
  assert.deepEqual(prompt['5:3']?.inputs, { seed: 12, size: 4, kind: 'x', text: '', isOn: false, picture: ['5:2', 0] });
  assert.deepEqual(prompt['6']?.inputs, { pictures: ['5:2', 0] });
  const unknown = { groupNodes: { pair: { nodes: [{ type: 'Nobody' }] } } };
  assert.deepEqual(conversionOf({ ...graph, extra: unknown }, INFO).unsendable, [
    { id: '5', type: 'Nobody', why: 'unknown' },
  ]);
});

test('a list whose choice brings inputs along has them right behind it', () => {
  const options = [
    { key: 'none', inputs: { required: {} } },
    {
      key: 'scaled',
      inputs: { required: { by: ['FLOAT', { default: 2 }], mask: ['MASK'] }, optional: { how: [['a', 'b']] } },
    },
  ];
  const info = {
    D: { input: { required: { size: ['COMFY_DYNAMICCOMBO_V3', { options }], last: ['INT', {}] } }, output: ['P'] },
  };
  const scaled = drawnNode(1, 'D', { inputs: ['size.mask:MASK<1'], values: ['scaled', 3, 'b', 9] });
  const graph = drawnGraph([scaled, drawnNode(2, 'D', { values: ['none', 8] }), drawnNode(3, 'D')], [[1, 2, 0, 1, 0]]);
  const prompt = converted(graph, info);
  assert.deepEqual(prompt['1']?.inputs, {
    size: 'scaled',
    'size.by': 3,
    'size.how': 'b',
    last: 9,
    'size.mask': ['2', 0],
  });
  assert.deepEqual(prompt['2']?.inputs, { size: 'none', last: 8 });
  assert.deepEqual(prompt['3']?.inputs, { size: 'none', last: 0 });
});

test('values by name count only where a node has its own script for that', () => {
  const input = { required: { rate: ['FLOAT', { default: 8 }], name: ['STRING', {}] } };
  const graph = drawnGraph(
    ['VHS_X', 'X'].map((type, at) => ({
      ...drawnNode(at, type),
      widgets_values: { name: 'n', rate: 24, videopreview: {} },
    })),
  );
  const prompt = converted(graph, { VHS_X: { input, output: [] }, X: { input, output: [] } });
  assert.deepEqual(prompt['0']?.inputs, { rate: 24, name: 'n' });
  assert.deepEqual(prompt['1']?.inputs, {});
});

test('a bypassed node passes on what fits, and one of another type gives nothing', () => {
  const bypassed = (inputs: readonly string[], mode = 4) =>
    inputsOf(
      drawnGraph(
        [drawnNode(1, 'A'), drawnNode(2, 'B', { inputs, mode }), drawnNode(3, 'S', { inputs: ['pictures:P<2'] })],
        [
          [1, 1, 0, 2, 0],
          [2, 2, 0, 3, 0],
        ],
      ),
      '3',
    );
  assert.deepEqual(bypassed(['picture:P<1']), { pictures: ['1', 0] });
  assert.deepEqual(bypassed(['picture:P']), {});
  assert.deepEqual(bypassed(['picture:P<1'], 2), {}, 'a muted one never does');
});

test('a broken graph is refused for a reason that can be shown', () => {
  assert.deepEqual(refusal(undefined), { kind: 'noGraph' });
  assert.deepEqual(refusal({ '1': { class_type: 'A', inputs: {} } }), { kind: 'noGraph' });
  const linked = drawnNode(1, 'A', { inputs: ['picture:P<9'] });
  assert.deepEqual(refusal(drawnGraph([linked])), { kind: 'noLink', node: '1', input: 'picture' });
  const nowhere = { kind: 'noOrigin', node: '1', input: 'picture', origin: '5' };
  assert.deepEqual(refusal(drawnGraph([linked], [[9, 5, 0, 1, 0]])), nowhere);
  const reroutes = [2, 3].map((id) => drawnNode(id, 'Reroute', { inputs: [`:*<${id}`] }));
  const circle = [
    [9, 2, 0, 1, 0],
    [2, 3, 0, 2, 0],
    [3, 2, 0, 3, 0],
  ];
  assert.deepEqual(refusal(drawnGraph([linked, ...reroutes], circle)), { kind: 'circle', node: '2' });
});

test('subgraphs in themselves, without an end or in groups of thousands are refused', () => {
  const withSubgraphs = (subgraphs: readonly object[]) =>
    drawnGraph([drawnNode(1, 'g0')], [], { definitions: { subgraphs } });
  const chain = (count: number, times: number) =>
    Array.from({ length: count }, (_, level) => ({
      id: `g${level}`,
      nodes: Array.from({ length: times }, (_one, at) =>
        drawnNode(100 * level + at + 2, level + 1 < count ? `g${level + 1}` : 'A'),
      ),
    }));
  assert.deepEqual(refusal(withSubgraphs([{ id: 'g0', nodes: [drawnNode(2, 'g0')] }])), {
    kind: 'subgraphInItself',
    node: '1:2',
  });
  assert.equal(Object.keys(converted(withSubgraphs(chain(100, 1)))).length, 1);
  assert.equal(refusal(withSubgraphs(chain(200, 1))).kind, 'tooDeep');
  const wide = { mode: 2, inputs: Array.from({ length: 500 }, (_, at) => `x${at}:STRING`) };
  const grown = chain(30, 2).map(({ id, nodes }, level) => ({
    id,
    nodes: [drawnNode(5_000 + level, 'A', wide), ...nodes],
  }));
  assert.equal(refusal(withSubgraphs(grown)).kind, 'tooLarge');
  assert.equal(Object.keys(converted(withSubgraphs(chain(5, 3)))).length, 3 ** 5);
  const highest = { ...withSubgraphs([{ id: 'g0', nodes: [drawnNode(1, 'A')] }]), last_node_id: 1e8 };
  assert.deepEqual(refusal(highest), { kind: 'noIdsLeft' });
});

test('a group of nodes in a subgraph is refused', () => {
  const subgraphs = [{ id: 'g', nodes: [drawnNode(2, 'workflow>a')] }];
  const extra = { groupNodes: { a: { nodes: [{ type: 'A' }], links: [] } } };
  const graph = drawnGraph([drawnNode(1, 'g')], [], { definitions: { subgraphs }, extra });
  assert.deepEqual(refusal(graph), { kind: 'groupInSubgraph', node: '1:2' });
});

test('names that objects have from the beginning are names like others', () => {
  const graph = drawnGraph([
    drawnNode(1, 'constructor'),
    { ...drawnNode(2, 'A'), id: '__proto__' },
    drawnNode(3, 'toString'),
  ]);
  const { prompt, unsendable } = conversionOf(graph, INFO);
  assert.deepEqual(Object.keys(prompt).sort(), ['1', '3', '__proto__']);
  assert.deepEqual(
    unsendable.map(({ type }) => type),
    ['constructor', 'toString'],
  );
});

test('what a muted node would give is nothing: a value that has a socket stays', () => {
  const user = drawnNode(1, 'B', { inputs: ['text:STRING<1'], values: [1, 'fixed', 2, 'x', 'own'] });
  const withWidget = { ...user, inputs: [{ ...(user['inputs'] as object[])[0], widget: { name: 'text' } }] };
  const links = [
    [1, 2, 0, 1, 0],
    [2, 3, 0, 2, 0],
  ];
  const feeding = (mode: number) => [drawnNode(2, 'Reroute', { mode, inputs: [':*<2'] }), drawnNode(3, 'A')];
  assert.deepEqual(inputsOf(drawnGraph([withWidget, ...feeding(0)], links), '1')?.['text'], ['3', 0]);
  assert.deepEqual(inputsOf(drawnGraph([withWidget, ...feeding(4)], links), '1')?.['text'], ['3', 0]);
  assert.equal(inputsOf(drawnGraph([withWidget, ...feeding(2)], links), '1')?.['text'], 'own');
  const muted = drawnGraph([withWidget, drawnNode(2, 'A', { mode: 2 })], links);
  assert.equal(inputsOf(muted, '1')?.['text'], 'own');
});

test('a value from elsewhere never leaves the range of an input, whatever its steps', () => {
  const info = { N: { input: { required: { a: ['INT', { min: 0, max: 100, step: 8 }] } }, output: [] } };
  const node = { ...drawnNode(1, 'N'), inputs: [{ name: 'a', type: 'INT', link: 1, widget: { name: 'a' } }] };
  const of = (value: number) =>
    inputsOf(
      drawnGraph(
        [node, drawnNode(2, 'PrimitiveNode', { values: [value], outputs: [{ links: [1] }] })],
        [[1, 2, 0, 1, 0]],
      ),
      '1',
      info,
    );
  assert.deepEqual([200, 99, -3, 11.9].map(of), [{ a: 100 }, { a: 96 }, { a: 0 }, { a: 8 }]);
});

test('values of sockets that once were widgets are recognized by their number alone', () => {
  const info = { N: { input: { required: { old: ['INT', { forceInput: true }], text: ['STRING', {}] } }, output: [] } };
  const of = (values: readonly (string | number)[]) => inputsOf(drawnGraph([drawnNode(1, 'N', { values })]), '1', info);
  assert.deepEqual([of([7, 'a']), of(['a']), of(['a', 7, 8])], [{ text: 'a' }, { text: 'a' }, { text: 'a' }]);
});

test('texts in which the page chooses are told as they were, unless a link brings one', () => {
  const values = [1, 'fixed', 2, 'x', 'a {c|d}'];
  const text = { name: 'text', type: 'STRING', link: 1, widget: { name: 'text' } };
  const linked = { ...drawnNode(3, 'B', { values }), inputs: [text] };
  const other = drawnNode(2, 'A');
  const chosen = drawnNode(1, 'B', { values });
  const { choosing, prompt } = conversionOf(drawnGraph([chosen, other, linked], [[1, 2, 0, 3, 0]]), INFO, STILL);
  assert.deepEqual(choosing[0], { nodeId: '1', input: 'text', text: 'a {c|d}' });
  assert.match(String(prompt['1']?.inputs['text']), /^a [cd]$/);
  assert.deepEqual(prompt['3']?.inputs['text'], ['2', 0]);
  assert.ok(!choosing.some(({ nodeId }) => nodeId === '3'));
});
