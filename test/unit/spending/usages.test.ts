import assert from 'node:assert/strict';
import test from 'node:test';
import { MINUTE } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { setup } from './usages';

const ONE = sessionId('one');

test('what a session does is added up, and what nobody knows is not', () => {
  const { usages, does } = setup();
  assert.equal(usages.of(ONE), undefined);
  does('rendering', 10 * MINUTE);
  does(undefined, 5 * MINUTE);
  does('idle', 2 * MINUTE);
  does('active', 3 * MINUTE);
  assert.deepEqual(usages.of(ONE), { rendering: 10 * MINUTE, active: 3 * MINUTE, idle: 2 * MINUTE });
});

test('a computer that slept has not watched', () => {
  const { usages, does } = setup();
  does('rendering', MINUTE);
  does('rendering', 60 * MINUTE, 60 * MINUTE);
  does('rendering', MINUTE);
  assert.equal(usages.of(ONE)?.rendering, 2 * MINUTE);
});

test('the next window goes on with what was added up', () => {
  const first = setup();
  first.does('idle', 10 * MINUTE);
  const { usages, does } = setup(first.memory);
  assert.equal(usages.of(ONE)?.idle, 10 * MINUTE);
  does('rendering', MINUTE);
  assert.deepEqual(usages.of(ONE), { rendering: MINUTE, active: 0, idle: 10 * MINUTE });
});

test('what is kept by another version, or is none of this, counts as nothing', () => {
  const { usages, memory } = setup();
  for (const kept of ['text', { one: 7 }, { one: { rendering: -1, active: 0, idle: 0 } }, null]) {
    void memory.update('usages', kept);
    assert.equal(usages.of(ONE), undefined);
  }
});
