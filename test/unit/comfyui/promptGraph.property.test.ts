import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { drawn, node } from './promptGraph';

test('its nodes stand to the right of what feeds them, and those in circles somewhere', () => {
  const slot = fc.oneof(fc.nat(3), fc.double());
  const link = fc.tuple(fc.nat(9).map(String), slot);
  const any = fc.dictionary(
    fc.nat(9).map(String),
    fc.dictionary(fc.string(), fc.oneof(link, fc.jsonValue())).map((inputs) => node(inputs)),
  );
  fc.assert(
    fc.property(any, (prompt) => {
      const { nodes, links } = drawn(prompt);
      assert.equal(nodes.length, Object.keys(prompt).length);
      assert.equal(new Set(nodes.map(({ pos }) => pos.join())).size, nodes.length, 'none covers another');
      for (const [id, from, slot, to, input] of links) {
        assert.ok(nodes.find((one) => one.id === from)?.outputs[slot]?.links.includes(id));
        assert.equal(nodes.find((one) => one.id === to)?.inputs[input]?.link, id);
      }
    }),
  );
  const { nodes } = drawn({ '3': node({ a: ['2', 0] }), '2': node({ a: ['1', 0] }), '1': node() });
  const byId = nodes.toSorted((a, b) => Number(a.id) - Number(b.id));
  assert.deepEqual(
    byId.map(({ pos }) => pos[0]),
    [0, 360, 720],
  );
});
