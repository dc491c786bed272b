import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isOver, progressOf } from '../../../src/comfyui/progress';
import { pythonJson } from '../../simulator/comfyui/json';
import { ID, PLAN, started, status } from './progress';

test('whatever arrives, in whatever order: a share grows within 0 and 1, an end is final, nothing throws', () => {
  const node = fc.constantFrom('1', '2', '3', 'x', null);
  const number = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constantFrom(NaN, Infinity, null));
  const message = fc.oneof(
    fc.integer({ min: 0, max: 5 }).map(status),
    fc.record({
      type: fc.constantFrom(
        ...['execution_start', 'execution_cached', 'executing', 'executed', 'progress', 'progress_state', 'status'],
        ...['execution_success', 'execution_error', 'execution_interrupted', 'x'],
      ),
      data: fc.record(
        {
          prompt_id: fc.constantFrom(ID, ID, ID, 'other'),
          node,
          value: number,
          max: number,
          node_id: node,
          nodes: fc.oneof(
            fc.array(node),
            fc.dictionary(
              fc.constantFrom('1', '2', '3', 'x'),
              fc.record({ state: fc.string(), value: number, max: number }),
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    }),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      let [tracking, share] = [started, 0];
      for (const one of messages) {
        const next = progressOf(tracking, pythonJson(one ?? null), PLAN);
        if (isOver(tracking.stage)) assert.equal(next.stage, tracking.stage);
        if (next.stage.kind === 'running') {
          assert.ok(next.stage.share >= share && next.stage.share <= 1);
          share = next.stage.share;
        }
        if (tracking.stage.kind === 'running') assert.notEqual(next.stage.kind, 'waiting');
        assert.ok(next.finished.size + next.begun.size <= 2 * PLAN.nodes.size);
        tracking = next;
      }
    }),
    { numRuns: 300 },
  );
});
