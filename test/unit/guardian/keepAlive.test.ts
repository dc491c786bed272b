import assert from 'node:assert/strict';
import test from 'node:test';
import { stepFailed, type Holds } from '../../../src/guardian/keepAlive';
import type { Limit, GuardInput } from '../../../src/guardian/guardInput';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import {
  idleFor,
  rendering,
  guardInput,
  keepAliveStep,
  type Known,
  unknown,
  preferring,
  work,
} from '../../fakes/guardInput';

const ONE = sessionId('one');
const KEPT = preferring({ keepAlive: true });
/** One session that renders, with so many minutes left. */
const busy = (left: number, more: Partial<Known> = {}): GuardInput =>
  guardInput({ ready: ready({ sessions: [session('one', { left })] }), work: work(rendering), ...KEPT, ...more });
const added = (input: GuardInput, before: Holds = new Map()) =>
  keepAliveStep(before, input).decisions.map((one) => (one.kind === 'extend' ? one.minutes : one.why));
const heldWith = (minutes: number): Holds => new Map([[ONE, { added: minutes }]]);

test('a render is given five minutes when three are left', () => {
  assert.deepEqual(added(busy(3.01)), []);
  assert.deepEqual(added(busy(3)), [5]);
  assert.deepEqual(added(busy(0.1)), [5]);
});

test('nothing is added unless it was asked for, for itself or to finish the queue', () => {
  assert.deepEqual(added(busy(2, preferring({}))), []);
  assert.deepEqual(added(busy(2, preferring({ endWhenIdle: 5 }))), []);
  assert.deepEqual(added(busy(2, preferring({ finishThenEnd: true }))), [5]);
});

test('only what certainly renders now is kept alive', () => {
  assert.deepEqual(added(busy(2, { work: work(idleFor(MINUTE)) })), []);
  assert.deepEqual(added(busy(2, { work: work(unknown) })), []);
  assert.deepEqual(added(busy(2, { work: new Map() })), []);
  assert.deepEqual(added(busy(2, { work: work(rendering, NOW - MINUTE) })), [5]);
  assert.deepEqual(added(busy(2, { work: work(rendering, NOW - MINUTE - 1) })), []);
  assert.deepEqual(added(busy(2, { work: work(rendering, NOW + MINUTE) })), []);
});

test("what is over, has no end, or is somebody else's is not kept alive", () => {
  for (const look of [{ left: 0 }, { phase: 'ending' }, { phase: 'undated' }, { by: 'user-ada', left: 2 }] as const)
    assert.deepEqual(added(busy(2, { ready: ready({ sessions: [session('one', look)] }) })), []);
});

test('a step is not taken again while it may be on its way, and again where it moved nothing', () => {
  const { holds } = keepAliveStep(new Map(), busy(2));
  assert.deepEqual(added(busy(2, { now: NOW + 29_000 }), holds), []);
  assert.deepEqual(added(busy(2, { now: NOW + 30_000 }), holds), [5]);
});

test('a step that has moved the end is followed by the next one', () => {
  const { holds } = keepAliveStep(new Map(), busy(2));
  const later = busy(7, { now: NOW + 5 * MINUTE, work: work(rendering, NOW + 5 * MINUTE) });
  assert.deepEqual(added(later, holds), [5]);
  assert.equal(keepAliveStep(holds, later).holds.get(ONE)?.added, 10);
});

test('the minutes of a failed step may be given once more only if it certainly moved nothing', () => {
  const { holds } = keepAliveStep(new Map(), busy(2));
  assert.equal(stepFailed(holds, ONE, true).get(ONE)?.added, 0);
  assert.equal(stepFailed(holds, ONE, false).get(ONE)?.added, 5);
  const again = keepAliveStep(stepFailed(holds, ONE, true), busy(2, { now: NOW + 40_000 })).decisions;
  assert.deepEqual(
    again.map((one) => one.kind === 'extend' && one.isFirstTry),
    [false],
  );
  assert.equal(stepFailed(new Map(), ONE, true).size, 0);
});

test('the last step is as small as the limit of minutes makes it', () => {
  assert.deepEqual(added(busy(2), heldWith(57)), [3]);
  assert.deepEqual(added(busy(2), heldWith(60)), ['minutes']);
  assert.deepEqual(added(busy(2, { keepAliveUpTo: 0 })), ['minutes']);
});

test('a spending limit makes a step smaller, and then none', () => {
  const upTo = (most: number, why: Exclude<Limit, 'minutes'>) => ({
    limitOf: (_: unknown, minutes: number) => (minutes > most ? why : undefined),
  });
  assert.deepEqual(added(busy(2, upTo(2, 'day'))), [2]);
  assert.deepEqual(added(busy(2, upTo(1, 'day'))), [1]);
  assert.deepEqual(added(busy(2, upTo(0, 'session'))), ['session']);
  assert.deepEqual(added(busy(2, upTo(0, 'price'))), ['price']);
});

test('the limit is announced once for an end, and again for another one', () => {
  const first = keepAliveStep(heldWith(60), busy(2));
  assert.equal(first.decisions.length, 1);
  assert.deepEqual(added(busy(2, { now: NOW + MINUTE, work: work(rendering, NOW + MINUTE) }), first.holds), []);
  assert.deepEqual(added(busy(2.5), first.holds), ['minutes']);
});

test('what will be extended is held, what cannot be is not', () => {
  assert.deepEqual([...keepAliveStep(new Map(), busy(10)).held], [ONE]);
  assert.deepEqual([...keepAliveStep(heldWith(60), busy(10)).held], []);
  assert.deepEqual([...keepAliveStep(new Map(), busy(10, preferring({}))).held], []);
});

test('what was added to a session is forgotten with it', () => {
  assert.equal(keepAliveStep(heldWith(5), busy(10)).holds.get(ONE)?.added, 5);
  assert.equal(keepAliveStep(heldWith(5), busy(10, { ready: ready() })).holds.size, 0);
});

/** 40 minutes were requested; the server now shows so many more, of which two are left. */
const lengthened = (minutes: number) => {
  const one = session('one', { left: 2 });
  assert.ok(one.phase === 'ready');
  return { ...one, createdAt: one.endsAt - (40 + minutes) * MINUTE };
};

const decide = (minutes: number, byHand = 0) =>
  keepAliveStep(
    new Map(),
    guardInput({
      ready: ready({ sessions: [lengthened(minutes)] }),
      work: work(rendering),
      ...preferring({ keepAlive: true }),
      addedByHand: () => byHand,
    }),
  ).decisions.map((one) => (one.kind === 'extend' ? `extend ${one.minutes}` : `${one.kind} ${one.added}`));

test('what another editor has added counts: the limit is for the session, whoever keeps it alive', () => {
  assert.deepEqual(decide(0), ['extend 5']);
  assert.deepEqual(decide(57), ['extend 3']);
  assert.deepEqual(decide(60), ['limit 60']);
});

test('minutes that were not whole when they were requested do not make the addition an odd number', () => {
  assert.deepEqual(decide(60, 0.2), ['limit 60']);
});

test('what the user has added by hand is theirs, and counts for nothing', () => {
  assert.deepEqual(decide(60, 60), ['extend 5']);
  assert.deepEqual(decide(90, 30), ['limit 60']);
});
