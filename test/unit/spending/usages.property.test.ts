import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { totalOf } from '../../../src/spending/usages';
import { MINUTE } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { setup } from './usages';

test('never more is added up than time has passed, however the looks fall', () => {
  const step = fc.tuple(fc.constantFrom('rendering', 'active', 'idle', undefined), fc.nat({ max: 5 * MINUTE }));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { usages, does } = setup();
      for (const [doing, ms] of steps) does(doing, ms, 1 + ms);
      const known = steps.reduce((sum, [doing, ms]) => (doing && ms <= 2 * MINUTE ? sum + ms : sum), 0);
      const usage = usages.of(sessionId('one'));
      assert.equal(usage ? totalOf(usage) : 0, known);
    }),
  );
});
