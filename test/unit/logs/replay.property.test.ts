import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { lineAt, follow } from './replay';

const few = fc.constantFrom('a', 'b', 'c');

test('whatever cuts the connections, what the server logged is known in order and once', () => {
  const log = fc.array(fc.record({ message: few, at: fc.integer({ min: 0, max: 3 }) }), { maxLength: 60 });
  fc.assert(
    fc.property(log, fc.array(fc.nat(60), { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (messages, cuts, size) => {
      const all = messages.map(({ message, at }) => lineAt(message, at));
      const { news, gaps } = follow([...cuts.map((cut) => all.slice(0, cut)), all], undefined, size);
      assert.deepEqual([news, gaps], [all, 0]);
    }),
  );
});

test('the same for a server that keeps only the last lines, as long as their times distinguish them', () => {
  fc.assert(
    fc.property(
      fc.array(few, { minLength: 1, maxLength: 80 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 }),
      (messages, steps) => {
        const all = messages.map((message, index) => lineAt(message, index + 1));
        const ends: number[] = [];
        for (const step of steps) ends.push(Math.min(all.length, (ends.at(-1) ?? 0) + step));
        const replays = ends.map((end) => all.slice(Math.max(0, end - 6), end));
        const { news, gaps } = follow(replays, { lines: 15, characters: 10_000 });
        assert.deepEqual([news, gaps], [all.slice(0, ends.at(-1)), 0]);
      },
    ),
  );
});
