import assert from 'node:assert/strict';
import test from 'node:test';
import { decide, keep, untilDue } from '../../../src/guardian/decide';
import { NOTHING_SAID, readState, textOf, type GuardState } from '../../../src/guardian/guardState';
import type { EndAt } from '../../../src/sessions/preferences';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { guardInput, idleFor, rendering, unknown, preferring, work, type Known } from '../../fakes/guardInput';
import { sessionId } from '../../fakes/setup';

const ONE = sessionId('one');
const SECOND = 1_000;
const DAY = 24 * 60 * MINUTE;
/** Half an hour after NOW, in any time zone. */
const IN_HALF_AN_HOUR = new Date(NOW + 30 * MINUTE);
const DAILY: EndAt = { kind: 'daily', minutes: IN_HALF_AN_HOUR.getHours() * 60 + IN_HALF_AN_HOUR.getMinutes() };
const ONCE: EndAt = { kind: 'once', at: NOW + 30 * MINUTE };

/** One session that is idle, so many ms after NOW. */
const at = (after: number, endAt: EndAt | undefined, more: Partial<Known> = {}) => {
  const now = NOW + after;
  const sessions = [session('one', { left: 48 * 60 })];
  const read = work(idleFor(after + 20 * MINUTE, now), now);
  return guardInput({
    now,
    ready: ready({ sessions, asOf: now }),
    work: read,
    ...preferring({ endAt }),
    warnAt: [],
    ...more,
  });
};
const kinds = ({ decisions }: ReturnType<typeof decide>) =>
  decisions.map((one) => ('why' in one ? `${one.kind} ${one.why}` : one.kind));
const seen = (endAt: EndAt): GuardState => decide(NOTHING_SAID, at(0, endAt)).state;

for (const [name, endAt] of [
  ['each day', DAILY],
  ['once', ONCE],
] as const) {
  test(`a session ends at the time that was set for ${name}, and is counted down before it`, () => {
    const before = seen(endAt);
    assert.deepEqual(kinds(decide(before, at(29 * MINUTE - 1, endAt))), []);
    const begun = decide(before, at(29 * MINUTE, endAt));
    assert.deepEqual(kinds(begun), ['countdown atTime']);
    assert.equal(begun.state.countdowns.get(ONE)?.endsAt, NOW + 30 * MINUTE);
    assert.deepEqual(kinds(decide(readState(textOf(begun.state)), at(30 * MINUTE, endAt))), ['end atTime']);
  });

  test(`a session that renders, is in use or cannot be read at the time set for ${name} ends once it is idle`, () => {
    const now = NOW + 29 * MINUTE;
    for (const more of [{ work: work(rendering, now) }, { work: work(unknown, now) }, { inUse: new Set([ONE]) }]) {
      const waiting = decide(seen(endAt), at(29 * MINUTE, endAt, more));
      assert.deepEqual(kinds(waiting), []);
      const later = 90 * MINUTE;
      const paused = at(later, endAt, { work: work(idleFor(9 * SECOND, NOW + later), NOW + later) });
      assert.deepEqual(kinds(decide(waiting.state, paused)), [], 'between two prompts');
      assert.deepEqual(kinds(decide(waiting.state, at(later, endAt))), ['countdown atTime']);
    }
  });

  test(`whoever keeps a session at the time set for ${name} has kept it for that day`, () => {
    const begun = decide(seen(endAt), at(29.5 * MINUTE, endAt));
    const kept = keep(begun.state, ONE, at(29.6 * MINUTE, endAt));
    assert.equal(kept.state.countdowns.size, 0);
    assert.deepEqual(kept.change, endAt.kind === 'once' ? { endAt: 'asSet' } : {});
    for (const after of [29.7, 30, 120]) assert.deepEqual(kinds(decide(kept.state, at(after * MINUTE, endAt))), []);
  });
}

test('the next day it comes again', () => {
  const kept = keep(decide(seen(DAILY), at(29 * MINUTE, DAILY)).state, ONE, at(29 * MINUTE, DAILY));
  assert.deepEqual(kinds(decide(kept.state, at(DAY + 29 * MINUTE - 1, DAILY))), []);
  assert.deepEqual(kinds(decide(kept.state, at(DAY + 29 * MINUTE, DAILY))), ['countdown atTime']);
});

test('a time that has passed before it was asked for is not meant', () => {
  assert.deepEqual(kinds(decide(NOTHING_SAID, at(31 * MINUTE, DAILY))), []);
  const other: EndAt = { kind: 'daily', minutes: (DAILY.minutes + 1) % 1440 };
  const changed = decide(seen(other), at(30.5 * MINUTE, DAILY));
  assert.deepEqual(kinds(changed), [], 'set to another time a moment too late');
});

test('an end that was asked for once comes late rather than never', () => {
  assert.deepEqual(kinds(decide(NOTHING_SAID, at(300 * MINUTE, ONCE))), ['countdown atTime']);
});

test('a session kept for another reason still ends at its time', () => {
  const kept = keep(seen(ONCE), ONE, at(10 * MINUTE, ONCE));
  assert.deepEqual(kept.change, {});
  assert.deepEqual(kinds(decide(kept.state, at(29 * MINUTE, ONCE))), ['countdown atTime']);
});

test('the guardian wakes for the countdown', () => {
  for (const endAt of [DAILY, ONCE]) assert.equal(untilDue(seen(endAt), at(0, endAt)), 29 * MINUTE);
});

test("nobody else's session is ended", () => {
  const theirs = { ready: ready({ sessions: [session('one', { by: 'user-ada', left: 600 })] }) };
  assert.deepEqual(kinds(decide(seen(DAILY), at(29 * MINUTE, DAILY, theirs))), []);
});
