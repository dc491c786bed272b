import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ageOf, isOlder } from '../../../src/platform/age';
import { MINUTE, NOW } from '../../fakes/appState';

const HOUR = 60 * MINUTE;

test('an age is never negative, and what lies ahead of now has none', () => {
  const moments = fc.integer({ min: NOW - 10 * HOUR, max: NOW + 10 * HOUR });
  fc.assert(
    fc.property(moments, moments, (at, now) => {
      const age = ageOf(at, now);
      assert.equal(age, at - now > 5_000 ? undefined : Math.max(0, now - at));
      assert.equal(isOlder(at, MINUTE, now), age === undefined || age > MINUTE);
    }),
  );
  assert.equal(isOlder(undefined, MINUTE, NOW), true);
  assert.equal(ageOf(Number.NaN, NOW), undefined);
});
