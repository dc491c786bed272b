import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Workflow } from '../../../src/comfyui/workflow';
import { differing } from '../../../src/picture/difference';
import { settled } from '../../../src/picture/layers';
import type { Picture } from '../../../src/picture/picture';
import { stepsOf } from '../../../src/platform/slices';
import { drawnGraph, drawnPrompt } from '../../fakes/pictures';

const prompts = fc
  .array(fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 3 })), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((nodes) =>
    Object.fromEntries(
      nodes.map((feeders, id) => [
        String(id),
        {
          class_type: 'A',
          inputs: Object.fromEntries(feeders.map(([from, slot], at) => [`i${at}`, [String(from), slot]])),
        },
      ]),
    ),
  );

function assertApart({ boxes }: Picture): void {
  for (const [index, { at: one }] of boxes.entries())
    for (const { at: other } of boxes.slice(index + 1)) {
      const isBeside = one[0] + one[2] <= other[0] || other[0] + other[2] <= one[0];
      assert.ok(isBeside || one[1] + one[3] <= other[1] || other[1] + other[3] <= one[1]);
    }
}

/** All that feeds a node, directly or not. */
function feedersOf({ links }: Picture, index: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const due = [index];
  for (const one of due)
    for (const { from, to } of links) {
      if (to !== one || seen.has(from)) continue;
      seen.add(from);
      due.push(from);
    }
  return seen;
}

test('no nodes of a prompt cover each other, and links lead to the right unless they are in or after a circle', () => {
  fc.assert(
    fc.property(prompts, (prompt) => {
      const picture = drawnPrompt(prompt);
      assertApart(picture);
      const { boxes, links } = picture;
      const feeders = boxes.map((_, index) => feedersOf(picture, index));
      const isFree = (index: number) =>
        [index, ...(feeders[index] ?? [])].every((one) => feeders[one]?.has(one) === false);
      for (const { from, to } of links)
        if (isFree(to)) {
          const [a, b] = [boxes[from], boxes[to]];
          assert.ok(a && b && a.at[0] + a.at[2] < b.at[0]);
        }
    }),
  );
});

test('whatever a file contains, the picture has finite places, and links of boxes that are there', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ id: fc.oneof(fc.nat(9), fc.string()), type: fc.string(), pos: fc.anything(), size: fc.anything() }),
      ),
      fc.array(fc.oneof(fc.array(fc.nat(9)), fc.anything())),
      fc.anything(),
      (nodes, links, definitions) => {
        const { boxes, ...rest } = drawnGraph({ nodes, links, definitions, groups: [{ bounding: definitions }] });
        for (const { at, isLoose } of boxes) assert.ok(at.every(Number.isFinite) && !isLoose);
        for (const { from, to, slot, row } of rest.links) assert.ok(boxes[from] && boxes[to] && slot >= 0 && row >= 0);
      },
    ),
  );
});

test('a difference shows every node of both, once', () => {
  fc.assert(
    fc.property(prompts, prompts, (before, after) => {
      const [one, other] = [before, after].map((prompt): Pick<Workflow, 'graph' | 'prompt'> => ({
        graph: undefined,
        prompt,
      }));
      assert.ok(one && other);
      const difference = stepsOf(differing(one, other, () => undefined)).atOnce();
      assert.ok(difference);
      const picture = settled(difference.picture);
      const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
      assert.deepEqual(new Set(picture.boxes.map(({ id }) => id)), ids);
      assert.equal(picture.boxes.length, ids.size);
      for (const { id, mark } of picture.boxes) {
        if (!(id in before)) assert.equal(mark, 'added');
        if (!(id in after)) assert.equal(mark, 'removed');
      }
      assertApart(picture);
    }),
  );
});
