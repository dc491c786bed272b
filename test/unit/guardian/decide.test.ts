import assert from 'node:assert/strict';
import test from 'node:test';
import { decide, untilDue } from '../../../src/guardian/decide';
import type { Decision } from '../../../src/guardian/policies';
import { NOTHING_SAID, readState, textOf } from '../../../src/guardian/guardState';
import { moneyLimit } from '../../../src/guardian/spendingLimits';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import { appState, type KnownState, MINUTE, NOTHING_SPENT, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { idleFor, rendering, guardInput, type Known, preferring, work } from '../../fakes/guardInput';

const ONE = sessionId('one');
const SECOND = 1_000;
const kinds = (decisions: readonly Decision[]) => decisions.map(({ kind }) => kind);
const withOne = (left: number, more: Partial<Known> = {}) =>
  guardInput({ ready: ready({ sessions: [session('one', { left })] }), ...more });

test('a kept session is not warned of until it renders no more, or may be kept no longer', () => {
  const kept = preferring({ keepAlive: true });
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(4, { ...kept, work: work(rendering) })).decisions), []);
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(4, { ...kept, work: work(idleFor(0)) })).decisions), ['warn']);
  const atLimit = withOne(4, { ...kept, work: work(rendering), keepAliveUpTo: 0 });
  assert.deepEqual(kinds(decide(NOTHING_SAID, atLimit).decisions), ['warn']);
});

test('a session that is about to be ended is not warned of', () => {
  const idle = withOne(4, { ...preferring({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  assert.deepEqual(kinds(decide(NOTHING_SAID, idle).decisions), ['countdown']);
});

test('nothing is said or done before the truth is known', () => {
  const old = ready({ sessions: [session('one', { left: 2 })], asOf: NOW - 90_001 });
  const asleep = guardInput({ ready: old, ...preferring({ keepAlive: true }), work: work(rendering) });
  assert.deepEqual(decide(NOTHING_SAID, asleep), { state: NOTHING_SAID, decisions: [] });
});

test('what nobody reads is said when somebody does; acting does not wait for that', () => {
  const unread = withOne(4, { isRead: false });
  const { state, decisions } = decide(NOTHING_SAID, unread);
  assert.deepEqual(kinds(decisions), []);
  assert.deepEqual(kinds(decide(state, withOne(3)).decisions), ['warn']);
  const busy = withOne(2, { isRead: false, ...preferring({ keepAlive: true }), work: work(rendering) });
  assert.deepEqual(kinds(decide(NOTHING_SAID, busy).decisions), ['extend']);
});

test('the first of several rungs is left to the status bar', () => {
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(14)).decisions), []);
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(14, { warnAt: [15] })).decisions), ['warn']);
});

test('what is on a lease is not warned of before it should have been renewed, however short the lease is', () => {
  const old = preferring({ lease: { since: NOW - 60 * MINUTE }, endWhenIdle: 1 });
  const leased = (left: number) =>
    kinds(decide(NOTHING_SAID, withOne(left, { ...old, lease: { minutes: 5, mostHours: 4 } })).decisions);
  assert.deepEqual(leased(4.9), []);
  assert.deepEqual(leased(1.7), []);
  assert.deepEqual(leased(1.6), ['warn']);
});

test('a muted session is not warned of, and is forgotten when it is gone', () => {
  const muted = { ...NOTHING_SAID, muted: new Set([ONE]) };
  const { state, decisions } = decide(muted, withOne(4));
  assert.deepEqual([kinds(decisions), [...state.muted]], [[], [ONE]]);
  assert.equal(decide(muted, guardInput()).state.muted.size, 0);
});

test('each share of a spending limit is announced once, and only while somebody is present', () => {
  const spent = (cents: bigint, more: Partial<Known> = {}) =>
    guardInput({
      spending: { ...NOTHING_SPENT, today: cents * 10_000_000n },
      spendingLimits: { ...NO_SPENDING_LIMITS, day: 1_000_000_000n },
      ...more,
    });
  const shares = (verdict: ReturnType<typeof decide>) =>
    verdict.decisions.map((one) => (one.kind === 'spendingLimit' ? one.warning.percent : one.kind));
  assert.deepEqual(shares(decide(NOTHING_SAID, spent(49n))), []);
  const half = decide(NOTHING_SAID, spent(50n));
  assert.deepEqual(shares(half), [50]);
  const unread = decide(readState(textOf(half.state)), spent(85n, { isRead: false }));
  assert.deepEqual(shares(unread), []);
  const read = decide(unread.state, spent(85n));
  assert.deepEqual(shares(read), [80]);
  assert.deepEqual(shares(decide(read.state, spent(99n))), []);
});

test('a spending limit holds for every minute more, and unknown costs break any', () => {
  const one = { ...session('one'), phase: 'ready', endsAt: NOW, url: 'https://one.test/' } as const;
  const minutes = (count: bigint) => count * 60n * 337_000n;
  const spendingLimits = { ...NO_SPENDING_LIMITS, day: minutes(10n) };
  const spending = { ...NOTHING_SPENT, today: minutes(4n), aheadToday: minutes(2n) };
  const { limits } = appState({});
  const limit = (more: number, changes: Partial<KnownState> = {}) =>
    moneyLimit(appState({ spending, limits: { ...limits, spendingLimits }, ...changes }), one, more);
  assert.equal(limit(4), undefined);
  assert.equal(limit(5), 'day');
  assert.equal(limit(1, { prices: new Map() }), 'price');
  assert.equal(limit(1, { prices: undefined }), 'price');
  assert.equal(limit(1_000, { limits, prices: undefined }), undefined);
  const free = { limits: { ...limits, planMinutes: 30 } }; // it has lasted for 10
  assert.deepEqual([limit(20, free), limit(21, free)], [undefined, 'plan']);
});

test('what was written down is read again, and nonsense is nothing', () => {
  const first = withOne(2, { ...preferring({ keepAlive: true }), work: work(rendering) });
  const { state } = decide({ ...NOTHING_SAID, muted: new Set([ONE]) }, first);
  const second = withOne(60, { ...preferring({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  const both = { ...decide(state, second).state, spared: new Map([[ONE, NOW]]), said: new Map([['day', 50]]) };
  assert.equal(both.holds.size + both.countdowns.size + both.ladder.size, 3);
  assert.equal(textOf(readState(textOf(both))), textOf(both));
  assert.deepEqual(readState(textOf(both)).holds, both.holds);
  for (const text of ['', '{', '{}', 'null', '{"ladder":[[1,2]]}']) assert.deepEqual(readState(text), NOTHING_SAID);
});

test('the guardian wakes when something becomes due', () => {
  const due = (more: Partial<Known>) => untilDue(NOTHING_SAID, withOne(20, { warnAt: [], ...more })) / SECOND;
  assert.equal(due({}), Number.POSITIVE_INFINITY);
  assert.equal(due({ warnAt: [15, 5] }), 5 * 60);
  assert.equal(due(preferring({ keepAlive: true })), 17 * 60);
  assert.equal(due({ ...preferring({ endWhenIdle: 15 }), work: work(idleFor(10 * MINUTE)) }), 5 * 60);
  assert.equal(due({ ...preferring({ finishThenEnd: true }), work: work(idleFor(0)) }), 10);
  const counting = withOne(20, { warnAt: [], ...preferring({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  assert.equal(untilDue(decide(NOTHING_SAID, counting).state, counting), MINUTE);
  const stepping = withOne(2, { warnAt: [], ...preferring({ keepAlive: true }), work: work(rendering) });
  assert.equal(untilDue(decide(NOTHING_SAID, stepping).state, stepping), 30 * SECOND);
});
