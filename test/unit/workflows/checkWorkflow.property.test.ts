import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { postedPrompt } from '../../../src/comfyui/workflow';
import type { CheckedWorkflow } from '../../../src/workflows/checkWorkflow';
import { checkWorkflow } from '../../fakes/checks';
import { changedAt, OBJECT_INFO, PAIRS, pathsIn } from './pairs';

const pairs = [...PAIRS.values()].map(({ graph, prompt }) => ({
  graph,
  prompt: Object.fromEntries(Object.entries(prompt).filter(([, { class_type }]) => class_type !== undefined)),
}));
const places = pairs.map(({ graph, prompt }) => ({ graph: pathsIn(graph), prompt: pathsIn(prompt) }));
const nodes = pathsIn(OBJECT_INFO);
const change = fc.record({
  at: fc.nat(),
  to: fc.oneof(fc.jsonValue(), fc.constantFrom(-10, 1e308, '', '__proto__', 'KSampler', ['3', 0])),
});
const changes = fc.array(change, { maxLength: 4 });
const at = <T>(paths: readonly T[], made: readonly { readonly at: number; readonly to: unknown }[]) =>
  made.map((one) => ({ path: paths[one.at % paths.length]!, to: one.to }));

function isPrompt(value: unknown): boolean {
  return postedPrompt(value) !== undefined;
}

function check(workflow: CheckedWorkflow, info: unknown, pack = '') {
  const packages = [{ names: [pack], version: pack }];
  const findings = checkWorkflow(workflow, info, { packages, version: '0.3.64' });
  assert.ok(findings.length <= 2_100);
  for (const { nodeId, wrong, fix } of findings) {
    assert.equal(typeof nodeId, 'string');
    assert.equal(typeof JSON.stringify(wrong), 'string');
    if (fix?.kind === 'value') JSON.parse(fix.json);
  }
  return findings;
}

test('whatever stands in a workflow and in a list of nodes, it is checked', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.nat(pairs.length - 1), changes, changes, fc.string(), (which, inFile, inList, pack) => {
      const { graph, prompt } = pairs[which]!;
      const info = changedAt(OBJECT_INFO, at(nodes, inList));
      found += check({ graph: changedAt(graph, at(places[which]!.graph, inFile)) }, info, pack).length;
      const changed = changedAt(prompt, at(places[which]!.prompt, inFile));
      if (isPrompt(changed)) check({ prompt: changed }, info, pack);
    }),
    { numRuns: 300 },
  );
  assert.ok(found > 300);
  fc.assert(
    fc.property(
      fc.anything(),
      fc.anything(),
      (one, info) => void check({ graph: { nodes: [one], links: [one], extra: info } }, info),
    ),
  );
});

test('a value that is mended as proposed is found no more', () => {
  let mended = 0;
  fc.assert(
    fc.property(fc.nat(pairs.length - 1), changes, (which, inFile) => {
      const prompt = changedAt(pairs[which]!.prompt, at(places[which]!.prompt, inFile));
      if (!isPrompt(prompt)) return;
      for (const { nodeId, input, fix } of check({ prompt }, OBJECT_INFO)) {
        if (fix?.kind !== 'value' || input === undefined) continue;
        mended++;
        const better = changedAt(prompt, [{ path: [nodeId, 'inputs', input], to: JSON.parse(fix.json) }]);
        assert.ok(!check({ prompt: better }, OBJECT_INFO).some((one) => one.nodeId === nodeId && one.input === input));
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(mended > 5, `${mended}`);
});
