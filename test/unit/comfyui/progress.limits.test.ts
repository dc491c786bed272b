import assert from 'node:assert/strict';
import test from 'node:test';
import { progressOf } from '../../../src/comfyui/progress';
import { cpuTime } from '../../fakes/cpuTime';
import { ID, PLAN, started } from './progress';

for (const [what, nodes] of [
  ['a list of what are no states', `[${'{},'.repeat(160_000)}{}]`],
  ['a state that is none after many', `{${Array.from({ length: 50_000 }, (_, n) => `"${n}":[]`).join()}}`],
  ['a list of a million', `[${'{},'.repeat(1_000_000)}{}]`],
] as const)
  test(`a message with ${what} says nothing, and keeps nobody waiting`, () => {
    const message = `{"type":"progress_state","data":{"prompt_id":"${ID}","nodes":${nodes}}}`;
    const parse = () => JSON.parse(message) as unknown;
    const read = () => assert.equal(progressOf(started, message, PLAN), started);
    // In turn, so that a busy moment affects both.
    const shares = Array.from({ length: 5 }, () => timeOf(read) / timeOf(parse));
    assert.ok(Math.min(...shares) < 30, `${Math.min(...shares)} times as long as to parse it`);
  });

/** ms */
function timeOf(act: () => unknown): number {
  const begun = cpuTime();
  act();
  return cpuTime() - begun;
}
