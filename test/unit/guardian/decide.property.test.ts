import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../src/guardian/decide';
import type { Decision } from '../../../src/guardian/policies';
import { NOTHING_SAID, readState, textOf } from '../../../src/guardian/guardState';
import { activityOf, type GuardInput } from '../../../src/guardian/guardInput';
import type { Activity, Session } from '../../../src/comfydeploy/model';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { guardInput, type Known, preferring, work } from '../../fakes/guardInput';

const ONE = sessionId('one');
const SECOND = 1_000;
const withOne = (left: number, more: Partial<Known> = {}) =>
  guardInput({ ready: ready({ sessions: [session('one', { left })] }), ...more });

// A life: what happens to one session while time passes, as one window after the other holds the lead.

interface Moment {
  readonly passes: number;
  readonly activity: 'rendering' | 'idle' | 'unknown';
  readonly isStale: boolean;
  readonly isInUse: boolean;
  /** An end was requested, and may be refused. */
  readonly isEnding: boolean;
  readonly isRead: boolean;
  /** The result of the step's action; it takes effect before the next moment. */
  readonly step: 'moves' | 'fails' | 'isLost';
  /** Minutes that the user adds. */
  readonly extended: number;
  /** The next leader knows only what is in the files. */
  readonly isTakenOver: boolean;
  /** Minutes that can still be paid for. */
  readonly money: number;
}

/** Usually the first value, sometimes another. */
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
  readonly input: GuardInput;
  readonly endsAt: number;
  readonly decisions: readonly Decision[];
}

function live({ moments, keepAliveUpTo, owner, ...preferences }: Life): readonly Seen[] {
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
    const what = guardInput({
      now,
      ready: ready({ sessions: [known], asOf: now }),
      work: work(activity, one.isStale ? now - 61 * SECOND : now),
      ...preferring(preferences),
      inUse: new Set(one.isInUse ? [ONE] : []),
      isRead: one.isRead,
      keepAliveUpTo,
      limitOf: (_, minutes) => (minutes > one.money ? 'day' : undefined),
    });
    const verdict = decide(state, what);
    seen.push({ input: what, endsAt, decisions: verdict.decisions });
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
    for (const { input: at, decisions } of seen) {
      for (const decision of decisions) {
        if (decision.kind !== 'extend') continue;
        extensions++;
        added += decision.minutes;
        assert.equal(at.money.limitOf(decision.session, decision.minutes), undefined);
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
    seen.forEach(({ input: at, decisions }, index) => {
      if (!decisions.some(({ kind }) => kind === 'end')) return;
      ends++;
      assert.equal(owner, 'user-me');
      const begun = seen.slice(0, index).findLastIndex((one) => one.decisions.some(({ kind }) => kind === 'countdown'));
      const announced = seen[begun];
      assert.ok(announced && at.now - announced.input.now >= MINUTE);
      for (const { input: then } of seen.slice(begun, index + 1)) {
        const isAsked = then.ready.sessions.some(({ phase }) => phase === 'ending'); // then its work is not read
        assert.ok(isAsked || activityOf(then, ONE).kind === 'idle');
        assert.equal(then.presence.inUse.size, 0);
      }
      const activity = activityOf(at, ONE);
      assert.ok(activity.kind === 'idle' && at.now - activity.since >= MINUTE);
    });
  });
  assert.ok(ends > 50, `such lives are lived: ${ends}`);
});

test('whatever happens, nothing is said twice of the same end, whoever leads', () => {
  let said = 0;
  holds((seen, { owner }) => {
    const warnings = seen.flatMap(({ endsAt, decisions }) =>
      decisions.flatMap((one) => {
        if (one.kind === 'warn') return [`${endsAt} ${one.rung}`];
        return one.kind === 'limit' ? [`${endsAt} limit`] : [];
      }),
    );
    said += warnings.length;
    assert.equal(new Set(warnings).size, warnings.length);
    if (owner !== 'user-me') assert.deepEqual(warnings, []);
  });
  assert.ok(said > 100, `such lives are lived: ${said}`);
});

test('two windows that see different ends by turns warn once of each', () => {
  const steps = fc.array(fc.record({ passes: fc.integer({ min: 0, max: MINUTE }), isOld: fc.boolean() }));
  fc.assert(
    fc.property(steps, (turns) => {
      let state = NOTHING_SAID;
      let now = NOW;
      const warnings: string[] = [];
      for (const { passes, isOld } of turns) {
        now += passes;
        const left = isOld ? 10 : 14;
        const verdict = decide(state, withOne(left, { now, localNow: NOW }));
        state = readState(textOf(verdict.state));
        warnings.push(...verdict.decisions.map((one) => (one.kind === 'warn' ? `${left} ${one.rung}` : '')));
      }
      assert.equal(new Set(warnings).size, warnings.length);
    }),
  );
});
