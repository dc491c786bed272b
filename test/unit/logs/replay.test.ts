import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogLine } from '../../../src/comfydeploy/logs';
import { BoundedLog } from '../../../src/logs/boundedLog';
import { lineAt, follow } from './replay';

const lines = (text: string, at = 0) => Array.from(text).map((message) => lineAt(message, at));
const textOf = (all: readonly LogLine[]) => all.map(({ message }) => message).join('');

test('a replay adds what is new, and lines that are the same stay', () => {
  const { news } = follow([lines('aab'), lines('aabb'), lines('aa'), lines('aabbaab')]);
  assert.equal(textOf(news), 'aabbaab');
});

test('a replay that begins later, as the server forgets, is laid over what is known', () => {
  const all = lines('abcabdabcabe').map(({ message }, index) => lineAt(message, index < 6 ? 0 : index));
  const { news, gaps } = follow([all.slice(0, 7), all.slice(2, 9), all.slice(6)]);
  assert.deepEqual([textOf(news), gaps], ['abcabdabcabe', 0]);
});

test('equal lines are distinguished by what follows them', () => {
  const { news, gaps } = follow([lines('aaab'), lines('aabc'), lines('abcabca')]);
  assert.deepEqual([textOf(news), gaps], ['aaabcabca', 0]);
});

test('where nothing fits, lines are missing', () => {
  const { news, gaps } = follow([lines('abc'), lines('xyz')]);
  assert.deepEqual([textOf(news), gaps], ['abcxyz', 1]);
});

test('a replay from the start is passed over even where its first lines are no longer kept', () => {
  const all = Array.from({ length: 100 }, (_, index) => lineAt(`line ${index % 10}`, 1 + Math.floor(index / 3)));
  const { kept, news, gaps } = follow([all.slice(0, 80), all.slice(0, 90), all], { lines: 20, characters: 10_000 });
  assert.deepEqual([news, gaps], [all, 0]);
  assert.deepEqual(kept.lines, all.slice(-kept.lines.length));
  assert.equal(kept.dropped + kept.lines.length, 100);
});

test('a log of nothing but equal lines costs no more than any other', () => {
  const same = lines('a'.repeat(10_000));
  const end = lineAt('b', 0);
  const { news } = follow(
    [
      [...same, end],
      [...same.slice(5_000), end, end],
    ],
    { lines: 20_000, characters: 50_000 },
    500,
  );
  assert.equal(news.length, 10_002);
});

test('what is kept stays within its bounds, by lines and by characters, and the last line always stays', () => {
  const kept = new BoundedLog({ lines: 100, characters: 1_000 });
  for (let index = 0; index < 1_000; index++) kept.add([lineAt('x'.repeat(index % 50), index)]);
  const characters = kept.lines.reduce((sum, { message }) => sum + message.length, 0);
  assert.ok(kept.lines.length <= 100 && characters <= 1_000);
  assert.ok(characters >= 800, 'no more is dropped than needed');
  assert.equal(kept.dropped + kept.lines.length, 1_000);
  kept.add([lineAt('y'.repeat(5_000), 0)]);
  assert.deepEqual([kept.lines.length, kept.dropped], [1, 1_000]);
});
