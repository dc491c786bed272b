import assert from 'node:assert/strict';
import test from 'node:test';
import { limitsFor, TooMuch } from '../../../src/platform/jsonLimits';
import { readList } from '../../../src/platform/jsonList';
import { Slices } from '../../../src/platform/slices';
import { ManualClock } from '../../fakes/manualClock';

const LIMITS = limitsFor(8_000_000, true);
const read = (text: string, before?: Awaited<ReturnType<typeof readList>>) =>
  readList(text, LIMITS, new Slices(new ManualClock()), before);
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

test('a list that is nested too deep, or holds too many values, is not read', async () => {
  const deep = `[{"a":${'['.repeat(300)}${']'.repeat(300)}}]`;
  await assert.rejects(read(deep), TooMuch);
  const many = `[${Array.from({ length: 3_000 }, () => `{"a":[${'1,'.repeat(999)}1]}`).join(',')}]`;
  await assert.rejects(read(many), TooMuch);
});
