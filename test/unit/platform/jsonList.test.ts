import assert from 'node:assert/strict';
import test from 'node:test';
import { readList, type ReadList } from '../../../src/platform/jsonList';
import { Slices } from '../../../src/platform/slices';
import { ManualClock } from '../../fakes/manualClock';

const read = (text: string, before?: ReadList<unknown>, made = (item: unknown) => item) =>
  readList(new TextEncoder().encode(text), made, new Slices(new ManualClock()), before);
const rows = (...names: readonly string[]) => names.map((name) => ({ name, of: [{ deep: '],{"' }] }));

test('a list is read as the engine reads it, wherever blanks and signs stand', async () => {
  for (const text of [
    '[]',
    ' [ ] ',
    '[{}]',
    '\n[ {"a":[1,"]"]} ,\t{"b":"\\"}"}\r]',
    JSON.stringify(rows('é', '[', '\\')),
  ])
    assert.deepEqual((await read(text))?.items, JSON.parse(text), text);
});

test('what is no list of short objects is left to others', async () => {
  const long = JSON.stringify([{ a: 'x'.repeat(100_000) }]);
  for (const text of [
    '',
    '{}',
    'null',
    '[1]',
    '[{}',
    '[{},]',
    '[,{}]',
    '[{}{}]',
    '[{}] x',
    '[{"a":}]',
    '[{]',
    '[NaN]',
    long,
  ])
    assert.equal(await read(text), undefined, text.slice(0, 20));
});

test('the same text is not read again', async () => {
  const text = JSON.stringify(rows('a', 'b'));
  const first = await read(text);
  assert.ok(first);
  assert.equal(await read(`${text} `.trimEnd(), first), first);
});

test('of a list that differs in one place every other member is the same object', async () => {
  const first = await read(JSON.stringify(rows('a', 'b', 'c', 'd', 'e')));
  const second = await read(JSON.stringify(rows('a', 'b', 'changed', 'd', 'e')), first);
  assert.ok(first && second);
  assert.deepEqual(second.items, rows('a', 'b', 'changed', 'd', 'e'));
  assert.deepEqual(
    second.items.map((item, index) => item === first.items[index]),
    [true, true, false, true, true],
  );
});

test('of a list from which rows are gone, to which others have come, and one of which changed, only what is new is read', async () => {
  const before = await read(JSON.stringify(rows('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')));
  const made: unknown[] = [];
  const now = rows('a', 'c', 'd', 'new', 'e', 'changed', 'g', 'h');
  const after = await read(JSON.stringify(now), before, (item) => (made.push(item), item));
  assert.deepEqual(after?.items, now);
  assert.deepEqual(made, rows('new', 'changed'));
});

test('members with lists of objects in them, and in other letters than English, are read where they end', async () => {
  const many = Array.from({ length: 300 }, (_, index) => ({ ...rows('é', '},{')[index % 2], steps: [{ index }, {}] }));
  for (const space of [0, 1]) assert.deepEqual((await read(JSON.stringify(many, undefined, space)))?.items, many);
});

test('bytes that are no text read as they always did', async () => {
  const bytes = new TextEncoder().encode('[{"a":"??"},{"b":1}]');
  bytes.set([0xc3, 0xff], 7);
  const list = await readList(bytes, (item) => item, new Slices(new ManualClock()));
  assert.deepEqual(list?.items, JSON.parse(new TextDecoder().decode(bytes)));
});

test('a list with more members than anybody has is not read to its end', async () => {
  let made = 0;
  const bytes = new TextEncoder().encode(`[${'{},'.repeat(1_000_000)}{}]`);
  await assert.rejects(
    readList(bytes, () => made++, new Slices(new ManualClock())),
    /too much/,
  );
  assert.ok(made < 100_000, String(made));
});
