import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { UNLIMITED } from '../../../src/platform/jsonLimits';
import { readList } from '../../../src/platform/jsonList';
import { Slices } from '../../../src/platform/slices';
import { ManualClock } from '../../fakes/manualClock';

const slices = () => new Slices(new ManualClock());
const member = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const list = fc.array(member, { maxLength: 8 });
const written = (items: readonly unknown[], space: number) => JSON.stringify(items, undefined, space);

test('whatever was read before, a list reads as if nothing had been', async () => {
  const change = fc.record({ at: fc.nat(8), remove: fc.nat(3), add: fc.array(member, { maxLength: 3 }) });
  await fc.assert(
    fc.asyncProperty(list, fc.array(change, { maxLength: 4 }), fc.constantFrom(0, 1), async (first, changes, space) => {
      const items = [...first];
      let before = await readList(written(items, space), UNLIMITED, slices());
      for (const { at, remove, add } of changes) {
        items.splice(at, remove, ...add);
        const text = written(items, space);
        before = await readList(text, UNLIMITED, slices(), before);
        assert.deepEqual(before?.items, JSON.parse(text));
        const spans = before?.starts.map((start, index): unknown => JSON.parse(text.slice(start, before?.ends[index])));
        assert.deepEqual(spans, before?.items);
      }
    }),
  );
});

test('any text is read as the engine reads it, or left to others; never wrongly because of what came before', async () => {
  const bits = fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '"a"', '1', '{"a":1}', '{"b":[]}', ' ');
  const text = fc.array(bits, { maxLength: 16 }).map((parts) => `[${parts.join('')}`);
  await fc.assert(
    fc.asyncProperty(text, list, async (hostile, first) => {
      const before = await readList(written(first, 0), UNLIMITED, slices());
      const alone = await readList(hostile, UNLIMITED, slices());
      const after = await readList(hostile, UNLIMITED, slices(), before);
      assert.deepEqual(after?.items, alone?.items);
      if (after) assert.deepEqual(after.items, JSON.parse(hostile));
    }),
  );
});
