import assert from 'node:assert/strict';
import test from 'node:test';
import { MOST_BOXES } from '../../../src/picture/drawing';
import { shownPicture, withProblems } from '../../../src/picture/pictureText';
import { drawnGraph, drawnPrompt } from '../../fakes/pictures';

const INNER = '0ab1';
const GRAPH = {
  nodes: [
    { id: 1, type: 'Load', pos: [100, 50], size: { 0: 200, 1: 80 }, outputs: [{ name: 'MODEL' }, { name: 'CLIP' }] },
    {
      id: 2,
      type: 'Sample',
      title: 'My <script>alert(1)</script>',
      pos: { 0: 400, 1: 60 },
      size: [300, 200],
      mode: 4,
      color: '#335533',
      inputs: [
        { name: 'model', link: 7 },
        { name: 'seed', widget: { name: 'seed' } },
        { name: 'clip', link: 8 },
      ],
      widgets_values: [12345678901234567890, 'randomize', { a: 1 }, null],
    },
    { id: 3, type: INNER, pos: [800, 60], size: [200, 100] },
    { id: 4, type: 'Note', pos: [0, 0], size: [200, 100], flags: { collapsed: true } },
  ],
  links: [
    [7, 1, 0, 2, 0, 'MODEL'],
    { id: 8, origin_id: 1, origin_slot: 1, target_id: 2, target_slot: 2, type: 'CLIP' },
    [9, 1, 0, 99, 0, 'MODEL'],
    null,
  ],
  groups: [{ title: 'First', bounding: [90, 0, 700, 400], color: 'url(https://example.org)' }],
  definitions: {
    subgraphs: [
      {
        id: INNER,
        name: 'Upscale',
        nodes: [{ id: 1, type: 'Inner', pos: [-500, -500], size: [100, 100], inputs: [{ name: 'x', link: 1 }] }],
        inputNode: { bounding: [-800, -500, 100, 60] },
        inputs: [{ name: 'image' }],
        links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 0, type: 'IMAGE' }],
      },
    ],
  },
};

test('nodes are drawn where and as the canvas has them, with their titles, sockets and values', () => {
  const { boxes, links, frames } = drawnGraph(GRAPH, (path, key) => (path === '2' && key === '0' ? 'seed' : undefined));
  const [load, sample, shell, note] = boxes;
  assert.deepEqual(load?.at, [100, 20, 200, 110]);
  assert.deepEqual(sample?.at, [400, 30, 300, 230]);
  assert.equal(sample.name, 'My <script>alert(1)</script>');
  assert.deepEqual(sample.inputs, ['model', 'clip']);
  assert.deepEqual(sample.values, ['seed: 12345678901234567000', 'randomize', '…', 'null']);
  assert.deepEqual([sample.mode, sample.colour], [4, '#335533']);
  assert.equal(shell?.name, 'Upscale');
  assert.equal(note?.at[3], 30);
  assert.deepEqual(
    links.slice(0, 2).map(({ from, slot, to, row, type }) => [from, slot, to, row, type]),
    [
      [0, 0, 1, 0, 'MODEL'],
      [0, 1, 1, 1, 'CLIP'],
    ],
  );
  assert.deepEqual(frames[0], {
    key: '["group","","1"]',
    name: 'First',
    at: [90, 0, 700, 400],
    colour: '',
  });
});

test('what is in a subgraph is drawn in a frame of its own below the canvas', () => {
  const { boxes, links, frames } = drawnGraph(GRAPH);
  const [, frame] = frames;
  assert.equal(frame?.name, 'Upscale');
  const [inner, input] = boxes.slice(4);
  assert.equal(inner?.key, JSON.stringify(['node', INNER, '1']));
  assert.deepEqual([input?.id, input?.name, input?.outputs], ['-10', '→', ['image']]);
  assert.deepEqual(links.at(-1), { from: 5, slot: 0, to: 4, row: 0, type: 'IMAGE' });
  const below = Math.max(...boxes.slice(0, 4).map(({ at }) => at[1] + at[3]), 400);
  for (const { at } of [frame, ...boxes.slice(4, 6)]) assert.ok(at[1] > below);
});

test('a prompt is laid out in layers, each to the right of what feeds it', () => {
  const { boxes, links } = drawnPrompt({
    9: { class_type: 'Save', inputs: { images: ['8', 0], name: 'a' } },
    8: { class_type: 'Decode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    3: { class_type: 'Sample', inputs: { model: ['4', 0], seed: 5, lost: ['77', 0] } },
    4: { class_type: 'Load', inputs: { name: 'x.safetensors' } },
  });
  const x = Object.fromEntries(boxes.map(({ id, at }) => [id, at[0]]));
  assert.ok(x['4']! < x['3']! && x['3']! < x['8']! && x['8']! < x['9']!);
  assert.equal(links.length, 4);
  const sample = boxes.find(({ id }) => id === '3');
  assert.deepEqual([sample?.inputs, sample?.values], [['model'], ['seed: 5', 'lost: …']]);
  assert.equal(boxes.find(({ id }) => id === '4')?.outputs.length, 3);
});

test('places that are no numbers, or too far, do no harm', () => {
  const graph = {
    nodes: [
      { id: 1, type: 'A', pos: [Number.NaN, 0], size: ['wide', -5] },
      { id: 2, type: 'A', pos: [1e300, -1e300], size: [1e300, -1e300] },
      { id: 3, type: 'A', pos: 'here', size: null },
      { id: 4, type: 'A', pos: [Infinity, 1], inputs: 'x', outputs: [null, 7], widgets_values: 'text' },
    ],
    links: [[1, 1, -3, 4, 1e9, {}], [2, 4, Number.NaN, 1, 0, 'x'], 'x'],
    groups: [{ bounding: [Number.NaN, 0, 1, 1] }, null],
    definitions: { subgraphs: [null, { id: {}, nodes: 'x' }] },
  };
  const { boxes, links, frames } = drawnGraph(graph);
  for (const { at } of boxes) for (const side of at) assert.ok(Number.isFinite(side) && Math.abs(side) <= 2_000_000);
  for (const { slot, row } of links) assert.ok(slot >= 0 && row >= 0 && slot <= 200);
  assert.deepEqual(frames, []);
});

test('a huge workflow is drawn in part, and circles are drawn', () => {
  const nodes = Array.from({ length: MOST_BOXES + 5 }, (_, id) => ({ id, type: 'A' }));
  assert.equal(drawnGraph({ nodes }).boxes.length, MOST_BOXES);
  const { boxes } = drawnPrompt({
    1: { class_type: 'A', inputs: { a: ['2', 0] } },
    2: { class_type: 'A', inputs: { a: ['1', 0] } },
  });
  const [one, other] = boxes.map(({ at }) => at);
  assert.ok(one && other && (one[0] !== other[0] || one[1] + one[3] <= other[1]));
});

test('problems stand on their nodes, and on the nodes that contain these', () => {
  const problems = [
    { nodeId: '2', message: 'too small' },
    { nodeId: '3:1', message: 'inside' },
    { nodeId: '1', message: 'a hint', severity: 'info' as const },
    { nodeId: '77', message: 'nowhere' },
  ];
  const picture = withProblems(drawnGraph(GRAPH), problems);
  const found = picture.boxes.flatMap(({ key, problems: own = [] }) => (own.length > 0 ? [[key, ...own]] : []));
  assert.deepEqual(found, [
    ['["node","","2"]', 'too small'],
    ['["node","","3"]', 'inside'],
    [JSON.stringify(['node', INNER, '1']), 'inside'],
  ]);
  assert.equal(shownPicture(picture).labels[1], 'My <script>alert(1)</script> #2 · bypassed · ⚠ 1');
});
