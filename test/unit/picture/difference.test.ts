import assert from 'node:assert/strict';
import test from 'node:test';
import type { Workflow } from '../../../src/comfyui/workflow';
import { differing } from '../../../src/picture/difference';
import { settled } from '../../../src/picture/layers';
import { shownPicture, withChanges } from '../../../src/picture/pictureText';
import { stepsOf } from '../../../src/platform/slices';

type Forms = Pick<Workflow, 'graph' | 'prompt'>;
const graph = (nodes: readonly object[], links: readonly unknown[] = [], groups: readonly object[] = []): Forms => ({
  graph: { nodes, links, groups, version: 0.4 },
  prompt: undefined,
});
const node = (id: number, more: object = {}) => ({
  ...{ id, type: `T${id}`, pos: [id * 100, 0], size: [80, 60], widgets_values: [id] },
  inputs: [{ name: 'in', link: null }],
  ...more,
});

function shown(before: Forms, after: Forms) {
  const difference = stepsOf(differing(before, after, () => undefined)).atOnce();
  assert.ok(difference);
  return shownPicture(settled(withChanges(difference, (_, key) => (key === '0' ? 'steps' : undefined))), difference);
}

test('what is new, gone, changed and moved is told apart, by words, too', () => {
  const before = graph(
    [node(1), node(2), node(3), node(4), node(5)],
    [[1, 1, 0, 2, 0, 'X']],
    [{ title: 'G', bounding: [0, 0, 9, 9] }],
  );
  const after = graph(
    [node(1), node(2), node(3, { widgets_values: [30] }), node(4, { pos: [400, 500] }), node(6)],
    [[1, 3, 0, 2, 0, 'X']],
  );
  const { picture, labels, about } = shown(before, after);
  assert.deepEqual(labels, [
    '− T5 #5 · Removed',
    'T1 #1',
    '~ T2 #2 · Changed',
    '~ T3 #3 · Changed',
    '→ T4 #4 · Moved',
    '+ T6 #6 · Added',
  ]);
  assert.equal(about, '+ Added: 1 · − Removed: 2 · ~ Changed: 2 · → Moved: 1');
  assert.deepEqual(picture.boxes[3]?.changes, ['steps: 3 → 30']);
  assert.deepEqual(picture.boxes[2]?.changes, ['in: T1 #1 0 → T3 #3 0']);
  assert.deepEqual(picture.boxes[4]?.was, [400, -30, 80, 90]);
  assert.deepEqual(
    picture.links.map(({ from, to, mark }) => [from, to, mark]),
    [
      [1, 2, 'removed'],
      [3, 2, 'added'],
    ],
  );
  assert.equal(picture.frames[0]?.mark, 'removed');
});

test('a node of another type at the same place has changed', () => {
  const { labels, picture } = shown(graph([node(1)]), graph([node(1, { type: 'Other' })]));
  assert.deepEqual(labels, ['~ Other #1 · Changed']);
  assert.deepEqual(picture.boxes[0]?.changes, ['− T1', '+ Other']);
});

test('prompts are compared in one layout, so that nothing covers what is gone', () => {
  const of = (ids: readonly string[]): Forms => ({
    graph: undefined,
    prompt: Object.fromEntries(ids.map((id) => [id, { class_type: 'A', inputs: {} }])),
  });
  const { picture, labels } = shown(of(['1', '2']), of(['2', '3']));
  assert.deepEqual(labels, ['− A #1 · Removed', 'A #2', '+ A #3 · Added']);
  assert.equal(new Set(picture.boxes.map(({ at }) => String(at))).size, 3);
});

test('two that do the same say so, and two of different formats cannot be compared', () => {
  const one = graph([node(1)]);
  assert.equal(shown(one, one).about, 'No differences that matter.');
  const prompt: Forms = { graph: undefined, prompt: { 1: { class_type: 'A', inputs: {} } } };
  assert.equal(stepsOf(differing(one, prompt, () => undefined)).atOnce(), undefined);
});
