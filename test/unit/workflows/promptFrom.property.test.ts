import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { NotConverted } from '../../../src/workflows/notConverted';
import { promptFrom, type ConvertedPrompt } from '../../../src/workflows/promptFrom';
import { changedAt, OBJECT_INFO, PAIRS, pathsIn } from './pairs';

const TYPES = [
  'KSampler',
  'LoraLoader',
  'Reroute',
  'PrimitiveNode',
  'CLIPTextEncode',
  'SaveImage',
  'Note',
  'Nobody',
  'sub0',
  'sub1',
];
const NODES = 8;

const node = (id: number) =>
  fc.record({
    id: fc.constant(id),
    type: fc.constantFrom(...TYPES),
    mode: fc.constantFrom(0, 0, 0, 2, 4),
    inputs: fc.array(
      fc.record({
        name: fc.constantFrom('model', 'clip', 'seed', 'text', 'images', ''),
        type: fc.constantFrom('MODEL', 'CLIP', 'IMAGE', '*', 'INT'),
        link: fc.option(fc.nat(12)),
      }),
      { maxLength: 4 },
    ),
    outputs: fc.array(
      fc.record({ type: fc.constantFrom('MODEL', '*'), links: fc.array(fc.nat(12), { maxLength: 3 }) }),
      { maxLength: 2 },
    ),
    widgets_values: fc.oneof(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 9 }), fc.jsonValue({ maxDepth: 2 })),
  });
const nodes = (first: number) => fc.tuple(...Array.from({ length: NODES }, (_, at) => node(first + at)));
const links = (first: number, inner: boolean) =>
  fc.tuple(
    ...Array.from({ length: 13 }, (_, id) =>
      fc
        .tuple(fc.nat(NODES - 1), fc.nat(2), fc.boolean())
        .map(([at, slot, isOutside]) => ({ id, origin_id: inner && isOutside ? -10 : first + at, origin_slot: slot })),
    ),
  );
const subgraph = (id: string, first: number) =>
  fc.record({
    id: fc.constant(id),
    nodes: nodes(first),
    links: links(first, true),
    inputs: fc.array(
      fc.record({ name: fc.constantFrom('model', 'seed'), type: fc.constant('*'), linkIds: fc.array(fc.nat(12)) }),
      { maxLength: 3 },
    ),
    outputs: fc.array(fc.record({ type: fc.constant('*'), linkIds: fc.array(fc.nat(12), { maxLength: 2 }) }), {
      maxLength: 3,
    }),
  });
const graph = fc.record({
  nodes: nodes(1),
  links: links(1, false),
  definitions: fc.record({ subgraphs: fc.tuple(subgraph('sub0', 101), subgraph('sub1', 201)) }),
});

type Graph = typeof graph extends fc.Arbitrary<infer T> ? T : never;

function converted(drawn: unknown): ConvertedPrompt | undefined {
  try {
    return promptFrom(drawn, OBJECT_INFO);
  } catch (error) {
    assert.ok(error instanceof NotConverted, String(error));
    return undefined;
  }
}

/** The nodes that an id of a prompt names, from the outermost; undefined where there is none. */
function named({ nodes, definitions }: Graph, id: string) {
  const found = [];
  let here: readonly Graph['nodes'][number][] = nodes;
  for (const part of id.split(':')) {
    const one = here.find((node) => String(node.id) === part);
    if (!one) return undefined;
    found.push(one);
    here = definitions.subgraphs.find((subgraph) => subgraph.id === one.type)?.nodes ?? [];
  }
  return found;
}

test('a converted prompt names nodes of the graph only, and none that is muted or bypassed', () => {
  let prompts = 0;
  fc.assert(
    fc.property(graph, (drawn) => {
      const prompt = converted(drawn) ?? {};
      prompts += Math.sign(Object.keys(prompt).length);
      for (const [id, { class_type, inputs }] of Object.entries(prompt)) {
        const path = named(drawn, id);
        assert.ok(path, `${id} is a node`);
        assert.deepEqual(
          path.map(({ mode }) => mode),
          path.map(() => 0),
        );
        assert.equal(class_type ?? 'Nobody', path.at(-1)?.type);
        for (const value of Object.values(inputs)) {
          if (!Array.isArray(value)) continue;
          assert.equal(value.length, 2);
          assert.ok(Object.hasOwn(prompt, String(value[0])), `${String(value[0])} runs`);
        }
      }
    }),
  );
  assert.ok(prompts > 20, 'some are whole');
});

test('a graph in which anything may stand anywhere is converted, or refused', () => {
  const all = [...PAIRS.values()].map(({ graph: drawn }) => ({ drawn, paths: pathsIn(drawn) }));
  const change = fc.record({
    at: fc.nat(),
    value: fc.oneof(fc.jsonValue(), fc.constantFrom(-10, 1e308, '', '__proto__', 'KSampler')),
  });
  fc.assert(
    fc.property(fc.nat(all.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (which, changes) => {
      const { drawn, paths: places } = all[which]!;
      const broken = changedAt(
        drawn,
        changes.map(({ at, value: to }) => ({ path: places[at % places.length]!, to })),
      );
      const prompt = converted(broken);
      if (prompt) assert.equal(typeof JSON.stringify(prompt), 'string');
    }),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(
      fc.anything(),
      fc.anything(),
      (one, info) => void converted({ nodes: [one], links: [one, info], extra: info }),
    ),
  );
});

test('what a server says of its nodes may be anything', () => {
  const { graph: drawn } = PAIRS.get('subgraph-nested')!;
  fc.assert(
    fc.property(fc.anything(), fc.jsonValue(), (spec, input) => {
      for (const info of [
        spec,
        { ImageScale: spec },
        { ImageScale: { input, output: input, input_order: input } },
        { ImageScale: { input: { required: { a: input, b: spec } } } },
      ])
        promptFrom(drawn, info);
    }),
  );
});
