import assert from 'node:assert/strict';
import test from 'node:test';
import { Slices } from '../../../src/platform/slices';
import type { Files } from '../../../src/platform/journal';
import { checkTexts, convertDrawn, shortNodes } from '../../../src/workflows/conversion';
import { KeptNodes } from '../../../src/workflows/keptNodes';
import { ManualClock } from '../../fakes/manualClock';
import { memoryFiles } from '../../fakes/memoryFiles';
import { OBJECT_INFO, PAIRS } from './pairs';

function kept(files: Files = memoryFiles()) {
  const clock = new ManualClock();
  return { files, clock, lists: new KeptNodes(files, clock) };
}

test('a list is kept for each version of a machine, and there for the next window', async () => {
  const { files, clock, lists } = kept();
  await lists.keep('m', 'v1', '{"a":1}');
  await clock.advance(1_000);
  await lists.keep('m', 'v2', '{"b":1}');
  const next = new KeptNodes(files, clock);
  const all = await next.all();
  assert.deepEqual(
    all.map(({ versionId }) => versionId),
    ['v2', 'v1'],
  );
  assert.deepEqual(await Promise.all(all.map((list) => next.read(list))), ['{"b":1}', '{"a":1}']);
  await next.keep('m', 'v1', '{"c":1}');
  assert.equal(await lists.read(all[1]!), '{"c":1}');
  assert.equal((await lists.all()).length, 2);
});

test('of many lists the oldest gives way, and one that is too long is not kept', async () => {
  const { clock, lists } = kept();
  for (let n = 0; n < 12; n++) {
    await clock.advance(1_000);
    await lists.keep('m', `v${n}`, `{"n":${n}}`);
  }
  const all = await lists.all();
  assert.deepEqual(
    all.map(({ versionId }) => versionId),
    ['v11', 'v10', 'v9', 'v8', 'v7', 'v6', 'v5', 'v4'],
  );
  for (const list of all) assert.equal(await lists.read(list), `{"n":${list.versionId.slice(1)}}`);
  await lists.keep('m', 'long', ' '.repeat(8_000_001));
  assert.equal((await lists.all()).length, 8);
});

test('what cannot be read is not there', async () => {
  const { files, lists } = kept();
  await lists.keep('m', 'v', '{}');
  const [list] = await lists.all();
  await files('nodes-0').replace('another\n{}');
  assert.equal(await lists.read(list!), undefined, 'the file holds another list');
  for (const text of [
    '{',
    '7',
    '[null, {"slot": 99, "machineId": "m", "versionId": "v", "at": 1}, {"slot": 0}]',
    ' '.repeat(9_000),
  ]) {
    await files('nodes').replace(text);
    assert.deepEqual(await lists.all(), []);
  }
});

test('a list that was shortened converts and checks as the whole one does', async () => {
  const slices = new Slices(new ManualClock());
  const whole = JSON.stringify(OBJECT_INFO);
  const short = await shortNodes(whole, slices);
  assert.ok(short && short.length < whole.length);
  assert.doesNotMatch(short, /"(?:tooltip|description|category)"/);
  for (const [name, { graph }] of PAIRS) {
    const text = JSON.stringify(graph);
    const facts = { packages: undefined, version: undefined };
    const resultsOf = async (nodes: string): Promise<readonly unknown[]> => [
      await convertDrawn({ graph: text, nodes }, slices),
      await checkTexts({ text, isDrawn: true, nodes }, facts, slices),
    ];
    const one = await resultsOf(whole);
    const other = await resultsOf(short);
    const still = (value: unknown): string =>
      JSON.stringify(value).replace(/rand=[\d.e-]+|%date.*?%|\d\d:?\d\d:?\d\d/g, '');
    if (!/dynamic/.test(name)) assert.equal(still(other), still(one), name);
  }
  assert.equal(await shortNodes('[1', slices), undefined);
});
