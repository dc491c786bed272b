import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';

type Json = Readonly<Record<string, unknown>>;

const read = (text: string) => parsePythonJson(text) as Json;

/** The same value, its keys in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (Object.is(one, -0) ? 0 : one)),
);
const value = fc.oneof(fc.jsonValue(), number, fc.string(), fc.constantFrom('é\n"\\', '\u2028', ' ', 'a\tb'));
const id = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.uuid());
const node = fc.record({ id, type: fc.string(), pos: fc.tuple(number, number), widgets_values: fc.array(value) });
const link = fc.oneof(
  fc.tuple(fc.integer(), id, fc.nat(3), id, fc.nat(3), fc.string()),
  fc.record({ id: fc.integer(), origin_id: id }),
);
const graph = fc.record({
  nodes: fc.array(node),
  links: fc.array(link),
  extra: fc.record({ ds: fc.jsonValue(), note: value }),
  definitions: fc.oneof(
    fc.constant({}),
    fc.record({ subgraphs: fc.array(fc.record({ nodes: fc.array(node), links: fc.array(link), name: fc.string() })) }),
  ),
  more: fc.dictionary(fc.string(), value),
});

test('written, read and written again it is the same text, and the same workflow', () => {
  fc.assert(
    fc.property(graph, (one) => {
      const text = stableWorkflow(one);
      assert.equal(stableWorkflow(read(text)), text);
      const again = read(text);
      const extra = { note: one.extra.note };
      assert.deepEqual(again['nodes'], read(exactJson(one))['nodes'], 'nodes stay in their order');
      assert.deepEqual(again['extra'], read(exactJson({ extra }))['extra']);
      assert.deepEqual(again['more'], read(exactJson(one))['more']);
      const sets = [again['links'], read(exactJson(one))['links']].map((links) =>
        (links as unknown[]).map((item) => exactJson(item)).sort(),
      );
      assert.deepEqual(sets[0], sets[1]);
    }),
    { numRuns: 40 },
  );
});

test('the order of keys, and the place and zoom of the view, leave no trace', () => {
  fc.assert(
    fc.property(graph, fc.jsonValue(), (one, ds) => {
      const moved = { ...one, extra: { ...one.extra, ds } };
      assert.equal(stableWorkflow(shuffled(moved) as Json), stableWorkflow(one));
    }),
    { numRuns: 40 },
  );
});
