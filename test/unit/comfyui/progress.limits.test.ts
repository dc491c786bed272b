import assert from 'node:assert/strict';
import test from 'node:test';
import { progressOf } from '../../../src/comfyui/progress';
import { ID, PLAN, started } from './progress';

for (const [what, nodes] of [
  ['a list of what are no states', `[${'{},'.repeat(160_000)}{}]`],
  ['a state that is none after many', `{${Array.from({ length: 50_000 }, (_, n) => `"${n}":[]`).join()}}`],
  ['a list of a million', `[${'{},'.repeat(1_000_000)}{}]`],
] as const)
  test(`a message with ${what} says nothing, and keeps nobody waiting`, () => {
    const message = `{"type":"progress_state","data":{"prompt_id":"${ID}","nodes":${nodes}}}`;
    const parsing = timeOf(() => JSON.parse(message));
    const reading = timeOf(() => assert.equal(progressOf(started, message, PLAN), started));
    assert.ok(reading < 30 * parsing, `${reading} ms, where to parse it takes ${parsing} ms`);
  });

/** ms, the slowest of three. */
function timeOf(act: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const begun = performance.now();
    act();
    return performance.now() - begun;
  });
  return Math.max(...times);
}
