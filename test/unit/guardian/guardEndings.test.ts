import assert from 'node:assert/strict';
import test from 'node:test';
import type { GuardInput } from '../../../src/guardian/guardInput';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { idleFor, rendering, guardInput, endings, type Known, unknown, preferring, work } from '../../fakes/guardInput';

const ONE = sessionId('one');
const NOTHING = { countdowns: new Map(), spared: new Map() };
type EndingsStep = ReturnType<typeof endings>;
const SECOND = 1_000;

/** One session that has been idle since 20 minutes before NOW, with an end after 15 idle minutes. */
function idle(after: number, more: Partial<Known> = {}): GuardInput {
  const now = NOW + after;
  const sessions = [session('one', { left: 60 })];
  const read = work({ kind: 'idle', since: NOW - 20 * MINUTE }, now);
  return guardInput({
    now,
    ready: ready({ sessions, asOf: now }),
    work: read,
    ...preferring({ endWhenIdle: 15 }),
    ...more,
  });
}
const kinds = ({ decisions }: EndingsStep) => decisions.map(({ kind, why }) => `${kind} ${why}`);
const begun = endings(NOTHING, idle(0));

test('enough idle minutes start a countdown, which ends the session', () => {
  assert.deepEqual(kinds(begun), ['countdown idle']);
  assert.equal(begun.countdowns.get(ONE)?.endsAt, NOW + MINUTE);
  assert.deepEqual(kinds(endings(begun, idle(59 * SECOND))), []);
  assert.deepEqual(kinds(endings(begun, idle(MINUTE))), ['end idle']);
});

test('nothing is counted before the idle minutes are over, or where none were asked for', () => {
  assert.deepEqual(kinds(endings(NOTHING, idle(0, { work: work(idleFor(15 * MINUTE - 1)) }))), []);
  assert.deepEqual(kinds(endings(NOTHING, idle(0, preferring({})))), []);
  assert.deepEqual(kinds(endings(NOTHING, idle(0, preferring({ keepAlive: true })))), []);
});

const AGAINST: readonly (readonly [string, (now: number) => Partial<Known>])[] = [
  ['a render', (now) => ({ work: work(rendering, now) })],
  ['a queue that cannot be read', (now) => ({ work: work(unknown, now) })],
  ['a reading that is a minute old', (now) => ({ work: work(idleFor(20 * MINUTE), now - MINUTE - 1) })],
  ['nothing read at all', () => ({ work: new Map() })],
  ['a preference that was taken back', () => preferring({})],
  ['its tab in front of a window in use', () => ({ inUse: new Set([ONE]) })],
  ['another owner', () => ({ ready: ready({ sessions: [session('one', { by: 'user-ada' })] }) })],
];

for (const [what, more] of AGAINST) {
  test(`${what} starts no countdown, and stops one`, () => {
    assert.deepEqual(kinds(endings(NOTHING, idle(0, more(NOW)))), []);
    const stopped = endings(begun, idle(MINUTE, more(NOW + MINUTE)));
    assert.deepEqual([kinds(stopped), stopped.countdowns.size], [[], 0]);
  });
}

test('a render that came and went during the countdown starts it anew', () => {
  const read = work({ kind: 'idle', since: NOW + 30 * SECOND }, NOW + MINUTE);
  assert.deepEqual(kinds(endings(begun, idle(MINUTE, { work: read }))), []);
  const finishing = preferring({ finishThenEnd: true });
  const finished = endings(NOTHING, idle(0, finishing));
  assert.deepEqual(kinds(endings(finished, idle(MINUTE, finishing))), ['end finished']);
  const again = endings(finished, idle(MINUTE, { ...finishing, work: read }));
  assert.deepEqual(kinds(again), ['countdown finished']);
  assert.equal(again.countdowns.get(ONE)?.endsAt, NOW + 2 * MINUTE);
});

test('an end that was slept through is announced anew', () => {
  assert.deepEqual(kinds(endings(begun, idle(90 * SECOND))), ['end idle']);
  const woken = endings(begun, idle(90 * SECOND + 1));
  assert.deepEqual(kinds(woken), ['countdown idle']);
  assert.equal(woken.countdowns.get(ONE)?.endsAt, NOW + 150 * SECOND + 1);
});

const saving = { saving: new Set([ONE]) };

test('an end waits for outputs that are being saved, and comes when they are', () => {
  assert.deepEqual(kinds(endings(NOTHING, idle(0, saving))), ['countdown idle'], 'it is announced all the same');
  const held = endings(begun, idle(MINUTE, saving));
  assert.deepEqual([kinds(held), held.countdowns.get(ONE)?.since], [[], NOW]);
  assert.deepEqual(kinds(endings(held, idle(MINUTE + 4 * SECOND))), ['end idle']);
});

test('a saving that hangs holds an end for fifteen minutes, and one that is over before it for none', () => {
  let step: EndingsStep = begun;
  const ends: number[] = [];
  for (let after = 0; after <= 20 * MINUTE && ends.length === 0; after += SECOND) {
    step = endings(step, idle(after, saving));
    if (kinds(step).includes('end idle')) ends.push(after);
  }
  assert.deepEqual(ends, [16 * MINUTE]);
  assert.deepEqual(kinds(endings(endings(begun, idle(30 * SECOND, saving)), idle(MINUTE))), ['end idle']);
});

test('an end that is held is stopped by whatever stops others', () => {
  const held = endings(begun, idle(MINUTE, saving));
  for (const [what, more] of AGAINST) {
    const now = MINUTE + 4 * SECOND;
    assert.equal(endings(held, idle(now, { ...saving, ...more(NOW + now) })).countdowns.size, 0, what);
  }
});

test('a clock that was set back starts the countdown anew', () => {
  assert.deepEqual(kinds(endings(begun, idle(-SECOND))), ['countdown idle']);
});

test('an end that did not come is tried again a minute later', () => {
  const tried = endings(begun, idle(MINUTE));
  assert.deepEqual(kinds(endings(tried, idle(MINUTE + 1))), []);
  const again = endings(tried, idle(2 * MINUTE));
  assert.deepEqual(
    [...tried.decisions, ...again.decisions].map((one) => one.kind === 'end' && one.isFirstTry),
    [true, false],
  );
});

test('an end that was asked for and refused is not announced anew', () => {
  const ending = { ready: ready({ sessions: [session('one', { phase: 'ending' })] }) };
  assert.deepEqual(kinds(endings(NOTHING, idle(0, ending))), []);
  const asked = endings(endings(begun, idle(MINUTE)), idle(MINUTE + SECOND, ending));
  assert.deepEqual(kinds(asked), []);
  assert.deepEqual(kinds(endings(asked, idle(MINUTE + 2 * SECOND))), []);
  assert.deepEqual(kinds(endings(asked, idle(2 * MINUTE))), ['end idle']);
});

test('a session that was kept is asked about again after as many idle minutes more', () => {
  const kept = { countdowns: new Map(), spared: new Map([[ONE, NOW]]) };
  assert.deepEqual(kinds(endings(kept, idle(15 * MINUTE - 1))), []);
  assert.deepEqual(kinds(endings(kept, idle(15 * MINUTE))), ['countdown idle']);
});

test('looking at the tab counts as use: the idle minutes begin when it is left', () => {
  const inUse = { inUse: new Set([ONE]) };
  const first = endings(NOTHING, idle(-20 * MINUTE, { ...inUse, work: work(rendering, NOW - 20 * MINUTE) }));
  const same = endings(first, idle(-20 * MINUTE + 59 * SECOND, inUse));
  assert.equal(same.spared.get(ONE), NOW - 20 * MINUTE, 'written down once a minute');
  const seen = endings(same, idle(0, inUse));
  assert.deepEqual(kinds(endings(seen, idle(15 * MINUTE - 1))), []);
  assert.deepEqual(kinds(endings(seen, idle(15 * MINUTE))), ['countdown idle']);
});

test('what is to end with its queue ends ten seconds after it, and not while anything waits', () => {
  const finishing = preferring({ finishThenEnd: true });
  const at = (ms: number) => kinds(endings(NOTHING, idle(0, { ...finishing, work: work(idleFor(ms)) })));
  assert.deepEqual(at(10 * SECOND - 1), []);
  assert.deepEqual(at(10 * SECOND), ['countdown finished']);
  assert.deepEqual(kinds(endings(NOTHING, idle(0, { ...finishing, work: work(rendering) }))), []);
});

test('no countdown is begun that the end of the session would forestall', () => {
  const left = (minutes: number) => ({ ready: ready({ sessions: [session('one', { left: minutes })] }) });
  assert.deepEqual(kinds(endings(NOTHING, idle(0, left(1)))), []);
  assert.deepEqual(kinds(endings(NOTHING, idle(0, left(1.1)))), ['countdown idle']);
});

test('that a session was kept is forgotten with it', () => {
  const kept = { countdowns: new Map(), spared: new Map([[ONE, NOW]]) };
  assert.equal(endings(kept, idle(0)).spared.size, 1);
  assert.equal(endings(kept, idle(0, { ready: ready() })).spared.size, 0);
});
