import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Activity } from '../../../src/comfydeploy/model';
import { renewalFailed, type Leases, type Renew } from '../../../src/guardian/lease';
import { readState, NOTHING_SAID, textOf } from '../../../src/guardian/guardState';
import { MINUTE, NOW } from '../../fakes/appState';
import { preferring } from '../../fakes/guardInput';
import { leased, ONE, stepped } from './lease';

const SECOND = 1_000;
const LEASE = 15 * MINUTE;
/** How late one of two editors may act, plus the time between rounds. */
const LATE = 45 * SECOND + 30 * SECOND;
/** The time between rounds; the end of a render is seen in the round after it. */
const EACH = 30 * SECOND;

/** One round of a guardian; the rounds are half a minute apart. */
interface Moment {
  readonly does: 'rendering' | 'idle' | 'unreadable';
  readonly isInUse: boolean;
  readonly answer: 'moves' | 'fails' | 'isLost' | 'isRefused';
  /** The next leader knows only what is in the files. */
  readonly isTakenOver: boolean;
}

const often = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** A stretch of time in which one thing goes on. */
const stretch = fc
  .record({
    rounds: fc.integer({ min: 1, max: 80 }),
    does: fc.constantFrom('rendering' as const, 'idle' as const, 'idle' as const, 'unreadable' as const),
    isInUse: often(false, true),
    answers: fc.array(often('moves' as const, 'fails' as const, 'isLost' as const), { minLength: 1, maxLength: 9 }),
    isTakenOver: fc.boolean(),
  })
  .map(({ rounds, answers, ...rest }): readonly Moment[] =>
    Array.from({ length: rounds }, (_, nth) => ({ ...rest, answer: answers[nth % answers.length] ?? 'moves' })),
  );
const life: fc.Arbitrary<Life> = fc.record({
  moments: fc.array(stretch, { minLength: 1, maxLength: 8 }).map((all) => all.flat()),
  /** One entry for each editor, whose files are its own. */
  editors: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 3 }),
  mostHours: fc.constantFrom(0.5, 1, 4),
  /** Minutes that can be paid for in total. */
  money: fc.constantFrom(20, 60, 10_000),
});
interface Life {
  readonly moments: readonly Moment[];
  readonly editors: readonly number[];
  readonly mostHours: number;
  readonly money: number;
}

interface Seen {
  readonly now: number;
  readonly endsAt: number;
  readonly lastUse: number;
  readonly moment: Moment;
  readonly renewals: readonly Renew[];
  /** Since when it renders without a failed answer. */
  readonly steadySince: number;
}

/** Lives until the session is over. Ends are moved as the ledger moves them: from the current end to a time. */
function live({ moments, editors, mostHours, money }: Life): readonly Seen[] {
  let recorder: readonly Leases[] = editors.map(() => new Map());
  let endsAt = NOW + LEASE;
  let [now, lastUse, idleSince, steadySince] = [NOW, NOW, NOW, NOW];
  let last: Activity | undefined;
  const seen: Seen[] = [];
  for (const moment of moments) {
    now += EACH;
    if (now >= endsAt) break;
    if (moment.does !== 'rendering' && last?.kind === 'rendering') idleSince = now;
    if (moment.does === 'rendering') idleSince = now;
    const known: Activity =
      moment.does === 'rendering' ? { kind: 'rendering', queued: 0, since: now } : { kind: 'idle', since: idleSince };
    const activity: Activity = moment.does === 'unreadable' ? { kind: 'unknown' } : known;
    if (moment.does === 'rendering' || moment.isInUse) lastUse = now;
    if (moment.does !== 'rendering' || moment.answer !== 'moves') steadySince = now;
    last = activity;
    const renewals: Renew[] = [];
    recorder = recorder.map((file, nth) => {
      const before = moment.isTakenOver ? readState(textOf({ ...NOTHING_SAID, leases: file })).leases : file;
      const total = (endsAt - NOW) / MINUTE;
      const input = leased(
        { now, left: (endsAt - now) / MINUTE, activity, isInUse: moment.isInUse, age: (now - NOW) / MINUTE },
        {
          stagger: editors[nth] ?? 0,
          lease: { minutes: 15, mostHours },
          limitOf: (_, minutes) => (total + minutes > money ? 'day' : undefined),
          ...preferring({ lease: { since: NOW } }),
        },
      );
      const { leases, decisions } = stepped(input, before);
      const renewal = decisions.find((one) => one.kind === 'renew');
      if (!renewal) return leases;
      renewals.push(renewal);
      const { answer } = moment;
      const missing = Math.floor((renewal.until - endsAt) / MINUTE);
      if ((answer === 'moves' || answer === 'isLost') && missing > 0) endsAt += missing * MINUTE;
      return answer === 'moves' ? leases : renewalFailed(leases, ONE, answer === 'isRefused');
    });
    seen.push({ now, endsAt, lastUse, moment, renewals, steadySince });
  }
  return seen;
}

const holds = (check: (seen: Seen, life: Life) => void) =>
  fc.assert(
    fc.property(life, (one) => live(one).forEach((seen) => check(seen, one))),
    { numRuns: 400 },
  );

test('no lease reaches beyond the hours or the money that the user allows, however many see to it', () => {
  holds(({ endsAt }, { mostHours, money }) => {
    assert.ok(endsAt - NOW <= Math.max(LEASE, mostHours * 60 * MINUTE), 'hours');
    assert.ok(endsAt - NOW <= Math.max(LEASE, money * MINUTE), 'money');
  });
});

test('nothing reaches further than a lease from its last use, or than one more where its queue cannot be read', () => {
  holds(({ now, endsAt, lastUse, moment }) => {
    assert.ok(endsAt - now <= LEASE, 'never more than a lease is paid ahead, by one editor or three');
    if (moment.does === 'idle') return;
    assert.ok(moment.does === 'unreadable' || endsAt - lastUse <= LEASE + EACH);
  });
  fc.assert(
    fc.property(life, (one) => {
      let isReadable = true;
      for (const { endsAt, lastUse, moment } of live(one)) {
        isReadable &&= moment.does !== 'unreadable';
        if (isReadable) assert.ok(endsAt - lastUse <= LEASE + EACH);
      }
    }),
  );
});

test('what renders is renewed in whatever order things happen: ten minutes without a network cost no render', () => {
  holds(({ now, endsAt, steadySince }, { mostHours, money }) => {
    const most = NOW + Math.min(mostHours * 60, money) * MINUTE - LEASE;
    if (now - steadySince < 2 * MINUTE || now > most - 2 * MINUTE) return;
    assert.ok(endsAt - now >= 10 * MINUTE - LATE - MINUTE, `${(endsAt - now) / MINUTE} min left`);
  });
});

test('what nobody has used for as long as a lease is not renewed, except once for a queue that cannot be read', () => {
  fc.assert(
    fc.property(life, (one) => {
      let blind = 0;
      for (const { now, lastUse, moment, renewals } of live(one)) {
        if (moment.does !== 'unreadable') blind = 0;
        if (now - lastUse < LEASE) continue;
        blind += renewals.filter(({ isBlind }) => isBlind).length;
        assert.ok(renewals.every(({ isBlind }) => isBlind && moment.does === 'unreadable'));
        if (one.editors.length === 1 && one.moments.every(({ answer }) => answer === 'moves')) assert.ok(blind <= 1);
      }
    }),
  );
});

test('three editors come to the same end as one, to the minute', () => {
  const steady = fc.record({
    does: fc.constantFrom('rendering' as const, 'idle' as const),
    rounds: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(
      fc.array(steady, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (all, stagger) => {
        const moments = all.flatMap(({ does, rounds }) =>
          Array.from({ length: rounds }, (): Moment => ({ does, isInUse: false, answer: 'moves', isTakenOver: false })),
        );
        const world = { moments, mostHours: 4, money: 10_000 };
        const alone = live({ ...world, editors: [stagger] });
        const together = live({ ...world, editors: [stagger, stagger, stagger] });
        assert.deepEqual(
          together.map(({ endsAt }) => endsAt),
          alone.map(({ endsAt }) => endsAt),
        );
      },
    ),
  );
});
