import assert from 'node:assert/strict';
import test from 'node:test';
import { isSameWork } from '../../../src/workflows/sameWork';
import { PAIRS } from './pairs';

test('a page shows the same work wherever its nodes stand, and other work with any other value, link or node', () => {
  const { graph } = PAIRS.get('subgraph')!;
  const changed = (from: string, to: string) => {
    const text = JSON.stringify(graph);
    assert.ok(text.includes(from), from);
    return JSON.parse(text.replace(from, to)) as typeof graph;
  };
  const nodes = graph['nodes'] as { pos: unknown }[];
  const moved = { ...graph, nodes: nodes.map((node) => ({ ...node, pos: [1, 2] })).reverse(), extra: { ds: {} } };
  assert.ok(isSameWork(graph, moved));
  const newer = (graph['links'] as unknown[][]).map(([id, origin_id, origin_slot]) => ({ id, origin_id, origin_slot }));
  assert.ok(isSameWork(graph, { ...graph, links: newer }));
  for (const [from, to] of [
    ['[64,64,1,0]', '[64,64,2,0]'],
    ['"type":"SaveImage"', '"type":"PreviewImage"'],
    ['"mode":0', '"mode":4'],
    ['[1,1,0,57', '[1,1,1,57'],
    ['"bilinear"', '"area"'],
  ] as const)
    assert.ok(!isSameWork(graph, changed(from, to)), from);
});
