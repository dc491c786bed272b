import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decide, untilDue, type Decision } from '../../../src/guardian/decide';
import { NOTHING_SAID, readState, textOf } from '../../../src/guardian/guardState';
import { activityOf, type Sight } from '../../../src/guardian/sight';
import type { Activity, Session } from '../../../src/comfydeploy/model';
import { moneyLimit } from '../../../src/guardian/ceilings';
import { NO_CEILINGS } from '../../../src/spending/ceilings';
import { facts, type Facts, MINUTE, NOTHING_SPENT, NOW, ready, session } from '../../fakes/facts';
import { sessionId } from '../../fakes/setup';
import { idleFor, rendering, sight, wishing, work } from '../../fakes/sight';

const ONE = sessionId('one');
const SECOND = 1_000;
const kinds = (decisions: readonly Decision[]) => decisions.map(({ kind }) => kind);
const withOne = (left: number, more: Partial<Sight> = {}) =>
  sight({ ready: ready({ sessions: [session('one', { left })] }), ...more });

test('a kept session is not warned of until it renders no more, or may be kept no longer', () => {
  const kept = wishing({ keepAlive: true });
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(4, { ...kept, work: work(rendering) })).decisions), []);
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(4, { ...kept, work: work(idleFor(0)) })).decisions), ['warn']);
  const atLimit = withOne(4, { ...kept, work: work(rendering), keepAliveUpTo: 0 });
  assert.deepEqual(kinds(decide(NOTHING_SAID, atLimit).decisions), ['warn']);
});

test('a session that is about to be ended is not warned of', () => {
  const idle = withOne(4, { ...wishing({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  assert.deepEqual(kinds(decide(NOTHING_SAID, idle).decisions), ['countdown']);
});

test('nothing is said or done before the truth is known', () => {
  const old = ready({ sessions: [session('one', { left: 2 })], asOf: NOW - 90_001 });
  const asleep = sight({ ready: old, ...wishing({ keepAlive: true }), work: work(rendering) });
  assert.deepEqual(decide(NOTHING_SAID, asleep), { state: NOTHING_SAID, decisions: [] });
});

test('what nobody reads is said when somebody does; acting does not wait for that', () => {
  const unread = withOne(4, { isRead: false });
  const { state, decisions } = decide(NOTHING_SAID, unread);
  assert.deepEqual(kinds(decisions), []);
  assert.deepEqual(kinds(decide(state, withOne(3)).decisions), ['warn']);
  const busy = withOne(2, { isRead: false, ...wishing({ keepAlive: true }), work: work(rendering) });
  assert.deepEqual(kinds(decide(NOTHING_SAID, busy).decisions), ['extend']);
});

test('the first of several rungs is left to the status bar', () => {
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(14)).decisions), []);
  assert.deepEqual(kinds(decide(NOTHING_SAID, withOne(14, { warnAt: [15] })).decisions), ['warn']);
});

test('a muted session is not warned of, and is forgotten when it is gone', () => {
  const muted = { ...NOTHING_SAID, muted: new Set([ONE]) };
  const { state, decisions } = decide(muted, withOne(4));
  assert.deepEqual([kinds(decisions), [...state.muted]], [[], [ONE]]);
  assert.equal(decide(muted, sight()).state.muted.size, 0);
});

test('each share of a ceiling is told once, and only when somebody reads', () => {
  const spent = (cents: bigint, more: Partial<Sight> = {}) =>
    sight({
      spending: { ...NOTHING_SPENT, today: cents * 10_000_000n },
      ceilings: { ...NO_CEILINGS, day: 1_000_000_000n },
      ...more,
    });
  const shares = (verdict: ReturnType<typeof decide>) =>
    verdict.decisions.map((one) => (one.kind === 'ceiling' ? one.warning.percent : one.kind));
  assert.deepEqual(shares(decide(NOTHING_SAID, spent(49n))), []);
  const half = decide(NOTHING_SAID, spent(50n));
  assert.deepEqual(shares(half), [50]);
  const unread = decide(readState(textOf(half.state)), spent(85n, { isRead: false }));
  assert.deepEqual(shares(unread), []);
  const read = decide(unread.state, spent(85n));
  assert.deepEqual(shares(read), [80]);
  assert.deepEqual(shares(decide(read.state, spent(99n))), []);
});

test('a ceiling of money holds for every minute more, and unknown costs break any', () => {
  const one = { ...session('one'), phase: 'ready', endsAt: NOW, url: 'https://one.test/' } as const;
  const minutes = (count: bigint) => count * 60n * 337_000n;
  const ceilings = { ...NO_CEILINGS, day: minutes(10n) };
  const spending = { ...NOTHING_SPENT, today: minutes(4n), aheadToday: minutes(2n) };
  const limit = (more: number, changes: Partial<Facts> = {}) =>
    moneyLimit(facts({ spending, ceilings, ...changes }), one, more);
  assert.equal(limit(4), undefined);
  assert.equal(limit(5), 'day');
  assert.equal(limit(1, { prices: new Map() }), 'price');
  assert.equal(limit(1, { prices: undefined }), 'price');
  assert.equal(limit(1_000, { ceilings: NO_CEILINGS, prices: undefined }), undefined);
});

test('what was written down is read again, and nonsense is nothing', () => {
  const first = withOne(2, { ...wishing({ keepAlive: true }), work: work(rendering) });
  const { state } = decide({ ...NOTHING_SAID, muted: new Set([ONE]) }, first);
  const second = withOne(60, { ...wishing({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  const both = { ...decide(state, second).state, spared: new Map([[ONE, NOW]]), said: new Map([['day', 50]]) };
  assert.equal(both.holds.size + both.countdowns.size + both.ladder.size, 3);
  assert.equal(textOf(readState(textOf(both))), textOf(both));
  assert.deepEqual(readState(textOf(both)).holds, both.holds);
  for (const text of ['', '{', '{}', 'null', '{"ladder":[[1,2]]}']) assert.deepEqual(readState(text), NOTHING_SAID);
});

test('the guardian wakes when something becomes due', () => {
  const due = (more: Partial<Sight>) => untilDue(NOTHING_SAID, withOne(20, { warnAt: [], ...more })) / SECOND;
  assert.equal(due({}), Number.POSITIVE_INFINITY);
  assert.equal(due({ warnAt: [15, 5] }), 5 * 60);
  assert.equal(due(wishing({ keepAlive: true })), 17 * 60);
  assert.equal(due({ ...wishing({ endWhenIdle: 15 }), work: work(idleFor(10 * MINUTE)) }), 5 * 60);
  assert.equal(due({ ...wishing({ finishThenEnd: true }), work: work(idleFor(0)) }), 10);
  const counting = withOne(20, { warnAt: [], ...wishing({ endWhenIdle: 5 }), work: work(idleFor(6 * MINUTE)) });
  assert.equal(untilDue(decide(NOTHING_SAID, counting).state, counting), MINUTE);
  const stepping = withOne(2, { warnAt: [], ...wishing({ keepAlive: true }), work: work(rendering) });
  assert.equal(untilDue(decide(NOTHING_SAID, stepping).state, stepping), 30 * SECOND);
});

// A life: what happens to one session while time passes, as one window after the other holds the seat.

interface Moment {
  readonly passes: number;
  readonly activity: 'rendering' | 'idle' | 'unknown';
  readonly isStale: boolean;
  readonly isInUse: boolean;
  /** An end was asked for, and may be refused. */
  readonly isEnding: boolean;
  readonly isRead: boolean;
  /** What a step came to; it takes effect before the next moment. */
  readonly step: 'moves' | 'fails' | 'isLost';
  /** Minutes that the user adds. */
  readonly extended: number;
  /** The next one in the seat knows only what was written down. */
  readonly isTakenOver: boolean;
  /** Minutes that money still allows. */
  readonly money: number;
}

/** Nine times in ten the same. */
const often = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const moment: fc.Arbitrary<Moment> = fc.record({
  passes: fc.oneof(fc.integer({ min: 0, max: 70 * SECOND }), fc.constantFrom(MINUTE, 5 * MINUTE)),
  activity: often('rendering', 'idle', 'unknown'),
  isStale: often(false, true),
  isInUse: often(false, true),
  isEnding: often(false, true),
  isRead: often(true, false),
  step: often('moves', 'fails', 'isLost'),
  extended: often(0, 1, 15),
  isTakenOver: fc.boolean(),
  money: often(100, 0, 3),
});
const lazy = moment.map((one): Moment => ({ ...one, activity: one.activity === 'rendering' ? 'idle' : 'rendering' }));
const LONG = { maxLength: 50, size: 'max' } as const;
const life = fc.record({
  moments: fc.oneof(fc.array(moment, LONG), fc.array(lazy, LONG)),
  keepAlive: fc.boolean(),
  finishThenEnd: fc.boolean(),
  endWhenIdle: fc.constantFrom(undefined, 1, 5),
  keepAliveUpTo: fc.integer({ min: 0, max: 20 }),
  owner: often('user-me', 'user-ada'),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

interface Seen {
  readonly sight: Sight;
  readonly endsAt: number;
  readonly decisions: readonly Decision[];
}

function live({ moments, keepAliveUpTo, owner, ...wish }: Life): readonly Seen[] {
  let state = NOTHING_SAID;
  let now = NOW;
  let endsAt = NOW + 20 * MINUTE;
  let since = NOW;
  let last: Moment['activity'] = 'idle';
  const seen: Seen[] = [];
  for (const one of moments) {
    now += one.passes;
    endsAt += one.extended * MINUTE;
    if (one.activity !== last) since = now;
    last = one.activity;
    const activity: Activity = activityFrom(one.activity, since);
    const own = session('one', { by: owner, phase: one.isEnding ? 'ending' : 'ready' });
    const known: Session = own.phase === 'ready' ? { ...own, endsAt } : own;
    const what = sight({
      now,
      ready: ready({ sessions: [known], asOf: now }),
      work: work(activity, one.isStale ? now - 61 * SECOND : now),
      ...wishing(wish),
      inUse: new Set(one.isInUse ? [ONE] : []),
      isRead: one.isRead,
      keepAliveUpTo,
      limitOf: (_, minutes) => (minutes > one.money ? 'day' : undefined),
    });
    const verdict = decide(state, what);
    seen.push({ sight: what, endsAt, decisions: verdict.decisions });
    state = one.isTakenOver ? readState(textOf(verdict.state)) : verdict.state;
    for (const decision of verdict.decisions)
      if (decision.kind === 'extend' && one.step === 'moves') endsAt += decision.minutes * MINUTE;
  }
  return seen;
}

const activityFrom = (kind: Moment['activity'], since: number): Activity => {
  if (kind === 'unknown') return { kind };
  return kind === 'idle' ? { kind, since } : { kind, since, queued: 0 };
};

const holds = (property: (seen: readonly Seen[], life: Life) => void) =>
  fc.assert(
    fc.property(life, (one) => property(live(one), one)),
    { numRuns: 600 },
  );

test('whatever happens, no more is added than the limits allow, and only to what renders', () => {
  let extensions = 0;
  holds((seen, { keepAliveUpTo, owner }) => {
    let added = 0;
    for (const { sight: at, decisions } of seen) {
      for (const decision of decisions) {
        if (decision.kind !== 'extend') continue;
        extensions++;
        added += decision.minutes;
        assert.equal(at.limitOf(decision.session, decision.minutes), undefined);
        assert.equal(activityOf(at, ONE).kind, 'rendering');
        assert.equal(owner, 'user-me');
      }
    }
    assert.ok(added <= keepAliveUpTo);
  });
  assert.ok(extensions > 50, `such lives are lived: ${extensions}`);
});

test('whatever happens, only what was idle, known, unused and ours for a whole minute is ended', () => {
  let ends = 0;
  holds((seen, { owner }) => {
    seen.forEach(({ sight: at, decisions }, index) => {
      if (!decisions.some(({ kind }) => kind === 'end')) return;
      ends++;
      assert.equal(owner, 'user-me');
      const begun = seen.slice(0, index).findLastIndex((one) => one.decisions.some(({ kind }) => kind === 'countdown'));
      const announced = seen[begun];
      assert.ok(announced && at.now - announced.sight.now >= MINUTE);
      for (const { sight: then } of seen.slice(begun, index + 1)) {
        const isAsked = then.ready.sessions.some(({ phase }) => phase === 'ending'); // then nobody looks at its work
        assert.ok(isAsked || activityOf(then, ONE).kind === 'idle');
        assert.equal(then.inUse.size, 0);
      }
      const activity = activityOf(at, ONE);
      assert.ok(activity.kind === 'idle' && at.now - activity.since >= MINUTE);
    });
  });
  assert.ok(ends > 50, `such lives are lived: ${ends}`);
});

test('whatever happens, nothing is said twice of the same end, whoever holds the seat', () => {
  let said = 0;
  holds((seen, { owner }) => {
    const told = seen.flatMap(({ endsAt, decisions }) =>
      decisions.flatMap((one) => {
        if (one.kind === 'warn') return [`${endsAt} ${one.rung}`];
        return one.kind === 'limit' ? [`${endsAt} limit`] : [];
      }),
    );
    said += told.length;
    assert.equal(new Set(told).size, told.length);
    if (owner !== 'user-me') assert.deepEqual(told, []);
  });
  assert.ok(said > 100, `such lives are lived: ${said}`);
});

test('two windows that see different ends by turns warn once of each', () => {
  const steps = fc.array(fc.record({ passes: fc.integer({ min: 0, max: MINUTE }), isOld: fc.boolean() }));
  fc.assert(
    fc.property(steps, (turns) => {
      let state = NOTHING_SAID;
      let now = NOW;
      const told: string[] = [];
      for (const { passes, isOld } of turns) {
        now += passes;
        const left = isOld ? 10 : 14;
        const verdict = decide(state, withOne(left, { now, localNow: NOW }));
        state = readState(textOf(verdict.state));
        told.push(...verdict.decisions.map((one) => (one.kind === 'warn' ? `${left} ${one.rung}` : '')));
      }
      assert.equal(new Set(told).size, told.length);
    }),
  );
});
