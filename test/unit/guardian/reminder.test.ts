import assert from 'node:assert/strict';
import test from 'node:test';
import { decide } from '../../../src/guardian/decide';
import { NOTHING_SAID, readState, textOf } from '../../../src/guardian/guardState';
import type { GuardInput } from '../../../src/guardian/guardInput';
import { reminder } from '../../../src/guardian/reminder';
import type { Session } from '../../../src/comfydeploy/model';
import { reminderText } from '../../../src/guardian/reminderText';
import { LastSeen, type Away } from '../../../src/windows/lastSeen';
import { FakeMemento } from '../../fakes/vscode/storage';
import { ManualClock } from '../../fakes/manualClock';
import { appState, MINUTE, NOW, ready, session } from '../../fakes/appState';
import { alone, guardInput } from '../../fakes/guardInput';

const HOUR = 60 * MINUTE;
const AWAY: Away = { since: NOW - 3 * HOUR, until: NOW };
const started = (minutesAgo: number, look = {}): Session => ({
  ...session(`s${minutesAgo}`, look),
  createdAt: NOW - minutesAgo * MINUTE,
});
const seen = (sessions: readonly Session[], away: Away | undefined = AWAY) =>
  guardInput({ ready: ready({ sessions }), away, warnAt: [] });
const remind = (reminded: number | undefined, input: GuardInput) => {
  const { state, decisions } = reminder.step(reminded, alone(input));
  return { reminded: state, reminder: decisions[0] };
};
const text = (sessions: readonly Session[], away = AWAY, more = {}) =>
  reminderText({ kind: 'remind', sessions, away }, appState(more));

test('what ran while no window was open is announced once', () => {
  const first = decide(NOTHING_SAID, seen([started(300)]));
  assert.deepEqual(
    first.decisions.map(({ kind }) => kind),
    ['remind'],
  );
  const next = decide(readState(textOf(first.state)), seen([started(300)]));
  assert.deepEqual(next.decisions, []);
  const later = seen([started(300)], { since: NOW - HOUR, until: NOW });
  assert.equal(decide(next.state, later).decisions.length, 1);
});

test('sessions that just began, are ending, or are not ours are not announced, nor is a short absence', () => {
  const isReminded = (one: Session, away: Away | undefined = AWAY) =>
    remind(undefined, seen([one], away)).reminder !== undefined;
  assert.equal(isReminded(started(2)), true);
  assert.equal(isReminded(started(1)), false);
  assert.equal(isReminded(started(300, { phase: 'ending' })), false);
  assert.equal(isReminded(started(300, { by: 'user-ada' })), false);
  assert.equal(isReminded(started(300), { since: NOW - MINUTE, until: NOW }), false);
  assert.equal(isReminded(started(300), { since: undefined, until: NOW }), false, 'nobody was ever there to be away');
  assert.equal(remind(undefined, guardInput({ ready: ready({ sessions: [started(300)] }) })).reminder, undefined);
});

test('a reminder of one session counts all that run', () => {
  const { reminder } = remind(undefined, seen([started(300), started(0.5), started(20)]));
  assert.equal(reminder?.sessions.length, 3);
});

test('nothing ran, and what is begun later is no news', () => {
  const { reminded, reminder } = remind(undefined, seen([]));
  assert.deepEqual([reminded, reminder], [AWAY.since, undefined]);
  const unread = guardInput({ ready: ready({ sessions: [started(300)] }), away: AWAY, isRead: false });
  assert.equal(remind(undefined, unread).reminded, undefined);
});

test('a reminder says what runs, for how long nobody was there, and what that cost', () => {
  assert.equal(
    text([started(300), started(400)]),
    '2 sessions are running. Your sessions cost about $2.43 an hour. While VS Code was closed for 3 h, the cost was about $7.28.',
  );
  assert.equal(
    text([started(60)]),
    '1 session is running. Your sessions cost about $1.22 an hour. While VS Code was closed for 3 h, the cost was about $1.22.',
  );
  assert.equal(
    text([started(60)], { since: undefined, until: NOW }),
    '1 session is running. Your sessions cost about $1.22 an hour.',
  );
});

test('a reminder admits what it does not know', () => {
  const strange = started(300, { gpu: 'Z9000' });
  assert.equal(text([strange]), '1 session is running. VS Code was closed for 3 h. The price is unknown.');
  assert.match(
    text([strange, started(300)]),
    /^2 sessions are running\. Your sessions cost about \$1\.22 .* Some prices are unknown\.$/,
  );
});

test('it is remembered when a window was last open, and only while something runs or as it closes', async () => {
  const memory = new FakeMemento();
  const clock = new ManualClock(NOW);
  const first = new LastSeen(memory, clock);
  assert.deepEqual(first.away, { since: undefined, until: NOW });
  await clock.advance(10 * MINUTE);
  assert.deepEqual(memory.keys(), []);
  first.note(true);
  await clock.advance(10.5 * MINUTE);
  assert.equal(new LastSeen(memory, clock).away.since, NOW + 20 * MINUTE);
  first.note(false);
  assert.equal(clock.pending, 0);
  await clock.advance(MINUTE);
  first.note(true);
  first.dispose();
  assert.equal(clock.pending, 0);
  assert.deepEqual(new LastSeen(memory, clock).away, { since: clock.now(), until: clock.now() });
});
