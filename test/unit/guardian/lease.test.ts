import assert from 'node:assert/strict';
import test from 'node:test';
import { decide } from '../../../src/guardian/decide';
import { NOTHING_SAID, readState, textOf } from '../../../src/guardian/guardState';
import { lease, renewalFailed, type Leases } from '../../../src/guardian/lease';
import { shortfallOf } from '../../../src/guardian/queueCover';
import { preferencesFrom } from '../../../src/sessions/preferences';
import { leaseSettings } from '../../../src/guardian/guardSettings';
import { MINUTE, NOW } from '../../fakes/appState';
import { idleFor, rendering, unknown, preferring } from '../../fakes/guardInput';
import { leased, ONE, stepped, decisionsFor } from './lease';
import { NO_PREFERENCES } from '../../fakes/guardSettings';

const SECOND = 1_000;
const usedAgo = (minutes: number): Leases => new Map([[ONE, { usedAt: NOW - minutes * MINUTE }]]);
const longIdle = idleFor(60 * MINUTE);

test('a session in use is renewed to a whole lease when a third is left', () => {
  assert.deepEqual(decisionsFor(leased({ left: 5.1, activity: longIdle, isInUse: true })), []);
  assert.deepEqual(decisionsFor(leased({ left: 5, activity: longIdle, isInUse: true })), [15]);
  assert.deepEqual(decisionsFor(leased({ left: 0.5, activity: longIdle, isInUse: true })), [15]);
  // Its use is recorded once a minute, and it may be idle for one minute only.
  const short = preferring({ lease: { since: NOW - 60 * MINUTE }, endWhenIdle: 1 });
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: longIdle, isInUse: true }, short), usedAgo(0.5)), [15]);
});

test('what renders is renewed when two thirds are left, so that ten minutes without a network cost nothing', () => {
  assert.deepEqual(decisionsFor(leased({ left: 10.1, activity: rendering })), []);
  assert.deepEqual(decisionsFor(leased({ left: 10, activity: rendering })), [15]);
  assert.deepEqual(
    decisionsFor(leased({ left: 10, activity: rendering, readAt: NOW - 15_000 })),
    [15],
    'as read just before',
  );
});

test('what nobody uses is left to end, and its end is warned of', () => {
  const idle = stepped(leased({ left: 4, activity: longIdle }));
  assert.deepEqual([idle.decisions, idle.isAttended], [[], false]);
  const lately = stepped(leased({ left: 4, activity: longIdle }), usedAgo(11));
  assert.deepEqual([lately.decisions, lately.isAttended], [[], false], 'nor was it lately enough for more');
});

test('what was used lately is renewed no further than it may be idle', () => {
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: longIdle }), usedAgo(3)), [12]);
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: idleFor(8 * MINUTE) })), [7]);
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: idleFor(11 * MINUTE) })), []);
});

test('the idle time that the user has chosen counts, where there is one', () => {
  const preferences = preferring({ lease: { since: NOW - 60 * MINUTE }, endWhenIdle: 30 });
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: idleFor(20 * MINUTE) }, preferences)), [10]);
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: idleFor(5 * MINUTE) }, preferences)), [15]);
  const short = preferring({ lease: { since: NOW - 60 * MINUTE }, endWhenIdle: 5 });
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: idleFor(3 * MINUTE) }, short)), []);
});

test('an unreadable queue is worth one lease, once; a session in use needs none', () => {
  const first = stepped(leased({ left: 4, activity: unknown }));
  assert.deepEqual(
    first.decisions.map((one) => one.kind === 'renew' && [one.isBlind, (one.until - NOW) / MINUTE]),
    [[true, 15]],
  );
  const later = NOW + 11 * MINUTE;
  const again = leased({ left: 4, activity: unknown, now: later });
  assert.deepEqual(decisionsFor(again, first.leases), []);
  assert.equal(stepped(again, first.leases).isAttended, false, 'its end is warned of');
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: unknown, now: later, isInUse: true }), first.leases), [15]);

  const read = stepped(leased({ left: 9, activity: idleFor(60 * MINUTE, later), now: later }), first.leases);
  assert.deepEqual(
    decisionsFor(leased({ left: 4, activity: unknown, now: later }), read.leases),
    [15],
    'it has been read since',
  );
});

test('a queue that nobody has asked yet is no unreadable one', () => {
  assert.deepEqual(decisionsFor(leased({ left: 4 })), []);
  assert.deepEqual(decisionsFor(leased({ left: 4, activity: longIdle, readAt: NOW - 2 * MINUTE })), []);
});

test('one that starts is waited for as long as the server does', () => {
  assert.deepEqual(decisionsFor(leased({ left: 4, phase: 'starting', age: 11 })), [15]);
  assert.deepEqual(decisionsFor(leased({ left: 1, phase: 'starting', age: 14 })), []);
});

test('it is not renewed beyond the hours that the user allows, which is said once', () => {
  const input = leased({ left: 5, activity: rendering, age: 230 });
  assert.deepEqual(decisionsFor(input), [10]);
  const end = leased({ left: 5, activity: rendering, age: 235 });
  const last = stepped(end);
  assert.deepEqual(decisionsFor(end), ['most']);
  assert.deepEqual(decisionsFor(end, last.leases), []);
  assert.deepEqual(
    [last.isAttended, stepped(leased({ left: 1, activity: rendering, age: 239 }), last.leases).isAttended],
    [true, false],
  );
});

test('a spending limit makes a renewal smaller, and then none', () => {
  const upTo = (most: number) => ({
    limitOf: (_: unknown, minutes: number) => (minutes > most ? ('day' as const) : undefined),
  });
  const input = (most: number) => leased({ left: 4, activity: longIdle, isInUse: true }, upTo(most));
  assert.deepEqual(
    [decisionsFor(input(99)), decisionsFor(input(6)), decisionsFor(input(1)), decisionsFor(input(0))],
    [[15], [10], [5], ['day']],
  );
});

test('a renewal is not asked for again while it may be on its way, and again where it moved nothing', () => {
  const input = (now: number) => leased({ left: 4 - (now - NOW) / MINUTE, activity: rendering, readAt: now, now });
  const { leases } = stepped(input(NOW));
  assert.deepEqual(decisionsFor(input(NOW + 29 * SECOND), leases), []);
  assert.deepEqual(decisionsFor(input(NOW + 30 * SECOND), leases), [15]);
});

test('a repeated failure is announced; what the server refuses is not requested again, and leads to a warning', () => {
  const first = stepped(leased({ left: 4, activity: rendering }));
  const failed = renewalFailed(first.leases, ONE, false);
  const now = NOW + 30 * SECOND;
  const next = leased({ left: 3.5, activity: rendering, now, readAt: now });
  assert.deepEqual(
    [first, stepped(next, failed)].map(({ decisions }) =>
      decisions.map((one) => one.kind === 'renew' && one.isAnnounced),
    ),
    [[false], [true]],
  );
  const refused = stepped(next, renewalFailed(first.leases, ONE, true));
  assert.deepEqual([refused.decisions, refused.isAttended], [[], false]);
});

test('Keep renews what nobody uses', () => {
  const idle = leased({ left: 4, activity: longIdle });
  const kept = lease.keep?.(new Map(), ONE, idle);
  assert.deepEqual(decisionsFor(idle, kept?.state), [15]);
});

const pace = { mean: 4 * MINUTE, since: NOW };
const queue = { kind: 'rendering', queued: 5, since: NOW } as const;

test('a queue is covered to its expected end, with a margin', () => {
  assert.deepEqual(
    decisionsFor(leased({ left: 14, activity: queue, pace })),
    [27],
    'six runs of 4.4 min, and a minute',
  );
  assert.deepEqual(decisionsFor(leased({ left: 26.5, activity: queue, pace })), [], 'half a minute is not worth it');
  assert.deepEqual(
    decisionsFor(leased({ left: 14, activity: queue })),
    [],
    'where no time is known nothing is guessed',
  );
});

test('what cannot be covered is said once, with how many runs', () => {
  const input = leased({ left: 14, activity: { ...queue, queued: 11 }, pace, age: 220 });
  const { decisions, leases } = stepped(input);
  assert.deepEqual(
    decisions.map((one) => (one.kind === 'uncovered' ? [one.runs, one.of] : one.kind)),
    [[8, 12], 'renew'],
  );
  assert.deepEqual(decisionsFor(input, leases).includes('uncovered'), false);
});

test('a run that has begun counts from its beginning, and one that takes longer is over any moment', () => {
  const at = (since: number, left: number, queued = 5) =>
    shortfallOf(
      { activity: { ...queue, queued }, vram: undefined, readAt: NOW, pace: { ...pace, since: NOW - since * MINUTE } },
      NOW + left * MINUTE,
      NOW,
    );
  assert.deepEqual(at(0, 26.5), { runs: 0, of: 6 });
  assert.deepEqual(at(0, 26.3), { runs: 1, of: 6 });
  assert.deepEqual(at(4, 22.5), { runs: 0, of: 6 });
  assert.deepEqual(at(60, 22.1), { runs: 0, of: 6 });
  assert.deepEqual(at(0, 0), { runs: 6, of: 6 });
});

test('a session that reaches further than its lease is ended when it has not been used for as long as one', () => {
  const decided = (minutes: number) =>
    decide(NOTHING_SAID, leased({ left: 120, activity: idleFor(minutes * MINUTE) })).decisions.map(({ kind }) => kind);
  assert.deepEqual(decided(14), []);
  assert.deepEqual(decided(15), ['countdown']);
});

test('what is on a lease is not kept alive as well', () => {
  const preferences = preferring({ lease: { since: NOW - 60 * MINUTE }, keepAlive: true });
  const { decisions } = decide(NOTHING_SAID, leased({ left: 2, activity: rendering }, preferences));
  assert.deepEqual(
    decisions.map(({ kind }) => kind),
    ['renew'],
  );
});

test('what was known of a lease is read back from the file', () => {
  const { leases } = stepped(leased({ left: 4, activity: unknown }));
  assert.deepEqual(readState(textOf({ ...NOTHING_SAID, leases })).leases, leases);
});

test('a session is on a lease since it was asked for, until it is taken off', () => {
  assert.deepEqual(preferencesFrom(NO_PREFERENCES, { lease: NOW }).lease, { since: NOW });
  assert.equal(preferencesFrom(NO_PREFERENCES, { lease: 0 }).lease, undefined);
});

test('settings that make no sense are as if they were not set', () => {
  const of = (minutes: unknown, most: unknown) => {
    const values: Readonly<Record<string, unknown>> = { 'lease.minutes': minutes, 'lease.most': most };
    const get = (name: string) => values[name] as never;
    const { minutes: length, mostHours } = leaseSettings({ get });
    return [length, mostHours];
  };
  assert.deepEqual(of(20, 2), [20, 2]);
  assert.deepEqual(of(1, 100), [5, 24]);
  assert.deepEqual(of('soon', Number.NaN), [15, 4]);
  assert.deepEqual(of(-3, 0), [15, 4]);
});
