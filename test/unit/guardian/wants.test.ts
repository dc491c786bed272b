import assert from 'node:assert/strict';
import test from 'node:test';
import { allWant, wantsText, type Wants } from '../../../src/guardian/wants';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import { declaredSettings } from '../../fakes/declaredSettings';
import { NO_PREFERENCES } from '../../fakes/guardSettings';

const NOTHING: Wants = {
  usual: NO_PREFERENCES,
  keepAliveUpTo: 60,
  lease: { minutes: 15, mostHours: 4 },
  savesOutputs: false,
  spendingLimits: NO_SPENDING_LIMITS,
};
const MUCH: Wants = {
  usual: { ...NO_PREFERENCES, keepAlive: true, endWhenIdle: 10, endAt: { kind: 'daily', minutes: 1_080 } },
  keepAliveUpTo: 120,
  lease: { minutes: 30, mostHours: 8 },
  savesOutputs: true,
  spendingLimits: { session: 5_000_000_001n, day: undefined, month: 900_000_000_000_000n },
};

test('what one editor is set to do is done, whichever of them does it', () => {
  assert.deepEqual(allWant(NOTHING, [wantsText(MUCH)]), MUCH);
  assert.deepEqual(allWant(MUCH, [wantsText(NOTHING)]), MUCH);
  assert.deepEqual(allWant(MUCH, []), MUCH);
});

test('of two limits the lower one counts, and of two times the earlier one', () => {
  const other: Wants = {
    usual: { ...NO_PREFERENCES, endWhenIdle: 5, endAt: { kind: 'daily', minutes: 1_200 } },
    keepAliveUpTo: 20,
    lease: { minutes: 20, mostHours: 12 },
    savesOutputs: false,
    spendingLimits: { session: 6_000_000_000n, day: 1n, month: 1n },
  };
  for (const both of [allWant(other, [wantsText(MUCH)]), allWant(MUCH, [wantsText(other)])])
    assert.deepEqual(both, {
      usual: { ...MUCH.usual, endWhenIdle: 5 },
      keepAliveUpTo: 20,
      lease: { minutes: 20, mostHours: 8 },
      savesOutputs: true,
      spendingLimits: { session: 5_000_000_001n, day: 1n, month: 1n },
    });
});

test('the field names that editors of other versions read stay as they are', () => {
  assert.deepEqual(JSON.parse(wantsText(MUCH)), {
    ...{ keepAlive: true, endWhenIdle: 10, endAt: 1_080, keepAliveUpTo: 120 },
    lease: { minutes: 30, mostHours: 8 },
    savesOutputs: true,
    ceilings: [5_000_000_001, null, 900_000_000_000_000],
  });
});

test('what cannot be read wants nothing', () => {
  for (const text of ['', '{', '[]', '{"keepAlive":true}', wantsText(MUCH).replace('true', '"yes"')])
    assert.deepEqual(allWant(NOTHING, [text]), NOTHING);
});

test('nor does what no setting can be', () => {
  const { usual } = MUCH;
  const odd: readonly Wants[] = [
    ...[0, -1, -Infinity].map((endWhenIdle) => ({ ...MUCH, usual: { ...usual, endWhenIdle } })),
    ...[-1, 1_440, 1e300].map((minutes) => ({
      ...MUCH,
      usual: { ...usual, endAt: { kind: 'daily', minutes } as const },
    })),
    ...[-1, 0, 1e9].map((minutes) => ({ ...MUCH, lease: { ...MUCH.lease, minutes } })),
    ...[-1, 0, 25].map((mostHours) => ({ ...MUCH, lease: { ...MUCH.lease, mostHours } })),
    ...[
      { ...MUCH, keepAliveUpTo: -1 },
      { ...MUCH, spendingLimits: { ...MUCH.spendingLimits, day: -1n } },
    ],
  ];
  for (const one of odd) assert.deepEqual(allWant(NOTHING, [wantsText(one)]), NOTHING, wantsText(one));
});

test('what the manifest has for everybody is not taken for set', () => {
  assert.deepEqual(
    ['keepAliveUpTo', 'lease.minutes', 'lease.most'].map((name) => declaredSettings[`comfydeploy.${name}`]?.default),
    [NOTHING.keepAliveUpTo, NOTHING.lease.minutes, NOTHING.lease.mostHours],
  );
});
