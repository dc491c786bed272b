import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { comparing, type Change, type Compared } from '../../../src/library/compare';
import type { Fact, Part, Parts } from '../../../src/library/parts';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { stepsOf } from '../../../src/platform/slices';
import { workflowIn, type Workflow } from '../../../src/comfyui/workflow';

type Json = Readonly<Record<string, unknown>>;

function compared(before: unknown, after: unknown): Compared {
  const [one, other] = [before, after].map((text) => workflowIn(parsePythonJson(String(text)))) as Workflow[];
  assert.ok(one && other);
  const found = stepsOf(comparing(one, other)).atOnce();
  assert.ok(found);
  return found;
}

/** What the changes make of a workflow. */
function applied(parts: Parts, changes: readonly Change[]): Map<string, Part> {
  const result = new Map(parts);
  for (const change of changes) {
    if (change.kind === 'removed') result.delete(change.key);
    else if (change.kind === 'added') result.set(change.key, change.part);
    else {
      const old = result.get(change.key);
      assert.ok(old && 'name' in change);
      const facts = new Map(old.facts);
      const key = `${change.kind} ${change.name}`;
      assert.equal(facts.get(key)?.json, change.before?.json);
      if (change.after) facts.set(key, change.after);
      else facts.delete(key);
      result.set(change.key, { ...old, facts });
    }
  }
  return result;
}

/** All that a workflow says, by part and fact. */
function said(parts: ReadonlyMap<string, Part>): readonly string[] {
  const factsOf = ({ type, facts }: Part) => [
    type,
    ...[...facts.values()].map(({ kind, name, exact }: Fact) => `${kind} ${name} ${exact}`).sort(),
  ];
  return [...parts].map(([key, part]) => JSON.stringify([key, factsOf(part)])).sort();
}

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(String),
  fc.constantFrom('8.0', '18446744073709551615', '"a"', 'null', 'NaN', '{"b":1.50,"a":[2]}', '1e400'),
);
const text = (members: Readonly<Record<string, fc.Arbitrary<string>>>) =>
  fc.record(members, { requiredKeys: ['id', 'type', 'nodes'].filter((key) => key in members) }).map(
    (one) =>
      `{${Object.entries(one)
        .map(([key, value]) => `"${key}":${value}`)
        .join()}}`,
  );
const list = (item: fc.Arbitrary<string>, most = 3) =>
  fc.array(item, { maxLength: most }).map((items) => `[${items.join()}]`);
const socket = fc.constantFrom('{"name":"model","link":1}', '{"name":"clip","link":2}', '{"name":"x","link":null}');
const values = fc.oneof(list(scalar), text({ a: scalar, b: scalar }));
const nodeOf = (id: fc.Arbitrary<string>) =>
  text({
    id,
    type: fc.constantFrom('"A"', '"B"', '"sub"'),
    title: fc.constantFrom('"A"', '"mine"'),
    pos: list(scalar, 2),
    mode: fc.constantFrom('0', '4'),
    inputs: list(socket),
    outputs: list(socket),
    widgets_values: values,
    properties: text({ a: scalar }),
  });
const link = fc
  .tuple(fc.nat(9), fc.constantFrom(1, 2, -10), fc.nat(1), fc.constantFrom(1, 2, -20), fc.nat(2))
  .map(([id, from, slot, to, at]) => `[${id},${from},${slot},${to},${at},"M"]`);
const nodes = fc
  .record(
    { one: nodeOf(fc.constant('1')), two: nodeOf(fc.constant('2')), three: nodeOf(fc.constant('"3"')) },
    { requiredKeys: ['one'] },
  )
  .map((all) => `[${Object.values(all).join()}]`);
const canvas = { nodes, links: list(link), groups: list(text({ title: scalar, bounding: list(scalar) })) };
const graph = text({
  ...canvas,
  id: fc.constant('"g"'),
  type: fc.constant('0'),
  config: text({ a: scalar }),
  extra: text({ ds: scalar, note: scalar, comfydeploy: scalar, linkExtensions: scalar }),
  definitions: fc
    .array(text({ id: fc.constant('"sub"'), name: scalar, inputs: list(socket), ...canvas }), { maxLength: 1 })
    .map((all) => `{"subgraphs":[${all.join()}]}`),
});
const promptNode = fc
  .record({
    type: fc.constantFrom('A', 'B'),
    inputs: text({ a: scalar, b: fc.constantFrom('["1",0]', '["2",1]', '[1,0]') }),
  })
  .map(({ type, inputs }) => `{"class_type":"${type}","inputs":${inputs}}`);
const prompt = fc.record({ 1: promptNode, 2: promptNode, 3: promptNode }, { requiredKeys: ['1'] }).map(
  (all) =>
    `{${Object.entries(all)
      .map(([id, node]) => `"${id}":${node}`)
      .join()}}`,
);
const pair = fc.oneof(fc.tuple(graph, graph), fc.tuple(prompt, prompt));

test('the changes make the one workflow of the other', () => {
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const { before, after, changes } = compared(one, other);
      assert.deepEqual(said(applied(before, changes)), said(after));
    }),
    { numRuns: 300 },
  );
});

test('nothing differs between a workflow and itself, whatever the order of its keys', () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value;
  fc.assert(
    fc.property(fc.oneof(graph, prompt), (one) => {
      assert.deepEqual(compared(one, one).changes, []);
      const plain = JSON.stringify(JSON.parse(one.replaceAll('NaN', '0').replaceAll('1e400', '1')));
      assert.deepEqual(compared(plain, JSON.stringify(reversed(JSON.parse(plain)))).changes, []);
    }),
    { numRuns: 100 },
  );
});

test('a changed, added or removed member of any node is found', () => {
  fc.assert(
    fc.property(graph, scalar, fc.nat(), (one, value, which) => {
      const read = JSON.parse(one.replaceAll('NaN', '0').replaceAll('1e400', '1')) as {
        readonly nodes: readonly Json[];
      };
      const index = which % read.nodes.length;
      const at = read.nodes[index];
      assert.ok(at);
      const changed = { ...read, nodes: read.nodes.with(index, { ...at, own: 'x' }) };
      const { changes } = compared(exactJson(read), exactJson(changed));
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ['other'],
        value,
      );
    }),
    { numRuns: 50 },
  );
});
