import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readList, type ReadList } from '../../../src/platform/jsonList';
import { Slices } from '../../../src/platform/slices';
import { ManualClock } from '../../fakes/manualClock';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, before?: ReadList<unknown>) =>
  readList(bytesOf(text), (item) => item, new Slices(new ManualClock()), before);
const key = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('é', '},{', '"},{"'));
const member = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const list = fc.array(member, { maxLength: 8 });
const written = (items: readonly unknown[], space: number) => JSON.stringify(items, undefined, space);

test('whatever was read before, a list reads as if nothing had been', async () => {
  const change = fc.record({ at: fc.nat(8), remove: fc.nat(3), add: fc.array(member, { maxLength: 3 }) });
  await fc.assert(
    fc.asyncProperty(list, fc.array(change, { maxLength: 4 }), fc.constantFrom(0, 1), async (first, changes, space) => {
      const items = [...first];
      let before = await read(written(items, space));
      for (const { at, remove, add } of changes) {
        items.splice(at, remove, ...add);
        const text = written(items, space);
        before = await read(text, before);
        assert.deepEqual(before?.items, JSON.parse(text));
        const spans = before?.starts.map((start, index): unknown =>
          JSON.parse(new TextDecoder().decode(before?.bytes.subarray(start, before.ends[index]))),
        );
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
      const before = await read(written(first, 0));
      const alone = await read(hostile);
      const after = await read(hostile, before);
      assert.deepEqual(after?.items, alone?.items);
      if (after) assert.deepEqual(after.items, JSON.parse(hostile));
    }),
  );
});
