import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import type { Announcement } from '../../../src/guardian/announcement';
import type { Limit } from '../../../src/guardian/guardInput';
import type { ReadySession } from '../../../src/sessions/snapshot';
import { exactTime, timeOfDay } from '../../../src/platform/durations';
import { noticeText } from '../../../src/guardian/noticeText';
import { promisesOf } from '../../../src/guardian/promiseText';
import { NO_WISH } from '../../../src/sessions/preferences';
import { facts, MINUTE, NOW, ready, session } from '../../fakes/facts';

const one: ReadySession = { ...session('one'), phase: 'ready', endsAt: NOW + 30 * MINUTE, url: 'https://secret.test/' };
const ENDS = timeOfDay(one.endsAt);
const say = (told: Announcement, more = {}) => noticeText(told, facts(more));
const step = { kind: 'extend', session: one, minutes: 5, added: 5, isFirstTry: true } as const;
const end = { kind: 'end', session: one, why: 'idle', idleSince: NOW, isFirstTry: true } as const;

test('the end of a session is told with its time and the price of another hour', () => {
  const warning = { kind: 'warn', session: one, rung: 5 } as const;
  assert.equal(say(warning), `A10G on Machine one ends at ${ENDS}. Another hour costs about $1.22.`);
  assert.equal(say(warning, { prices: undefined }), `A10G on Machine one ends at ${ENDS}.`);
  const gone = ready({ machines: [] });
  assert.equal(say(warning, { snapshot: gone, prices: undefined }), `A10G ends at ${ENDS}.`);
});

test("the end of another member's session is told with their name", () => {
  const theirs = { kind: 'warn', session: { ...one, userId: 'user-ada' }, rung: 5 } as const;
  const text = (nameOf: () => string | undefined) => say(theirs, { nameOf, prices: undefined });
  assert.equal(
    text(() => 'Ada'),
    `A10G on Machine one, started by Ada, ends at ${ENDS}.`,
  );
  assert.equal(
    text(() => undefined),
    `A10G on Machine one, started by another member, ends at ${ENDS}.`,
  );
});

test('a countdown is told with its reason and to the second', () => {
  const countdown = {
    kind: 'countdown',
    session: one,
    since: NOW,
    endsAt: NOW + MINUTE,
    tries: 0,
    putOffUntil: undefined,
  } as const;
  const idleSince = NOW - 15 * MINUTE;
  const at = exactTime(NOW + MINUTE);
  assert.equal(
    say({ ...countdown, why: 'idle', idleSince }),
    `A10G on Machine one has been idle since ${timeOfDay(idleSince)}. It will be ended at ${at}.`,
  );
  assert.equal(
    say({ ...countdown, why: 'finished', idleSince }),
    `The queue of A10G on Machine one is empty. It will be ended at ${at}.`,
  );
  const latest = NOW + 16 * MINUTE;
  assert.equal(
    say({ ...countdown, why: 'finished', idleSince, putOffUntil: latest }),
    `The queue of A10G on Machine one is empty. It will be ended at ${at}. If its outputs are still being saved then, it ends when they are, at ${exactTime(latest)} at the latest.`,
  );
});

test('a render that is kept alive no longer is told with the reason', () => {
  const limit = (why: Limit, added = 60) => say({ kind: 'limit', session: one, why, added });
  const start = `A10G on Machine one is rendering and ends at ${ENDS}. `;
  assert.equal(limit('minutes'), `${start}It was kept alive for 1 h, which is all that the settings allow.`);
  assert.equal(limit('minutes', 0), `${start}The settings do not allow to keep it alive.`);
  const money = (['session', 'day', 'month'] as const).map((why) => limit(why).slice(start.length));
  assert.deepEqual(
    money,
    ['session', 'day', 'month'].map(
      (what) => `It is not kept alive any longer: it would cost more than you allow for one ${what}.`,
    ),
  );
  assert.match(limit('price'), /the price of its GPU is unknown/);
});

test('what was done, and what could not be, is told', () => {
  assert.equal(
    say({ kind: 'extended', session: one, endsAt: NOW }),
    `A10G on Machine one renders and was kept alive until ${timeOfDay(NOW)}.`,
  );
  assert.equal(say({ kind: 'ended', session: one, why: 'idle' }), 'A10G on Machine one was ended: it was idle.');
  assert.equal(
    say({ kind: 'ended', session: one, why: 'finished' }),
    'A10G on Machine one was ended: its queue was empty.',
  );
  const error = new ApiError('refused', 'No');
  assert.equal(
    say({ kind: 'failed', act: step, error }),
    `A10G on Machine one is rendering, ends at ${ENDS} and could not be kept alive. No. This is tried again by itself.`,
  );
  assert.equal(
    say({ kind: 'failed', act: end, error }),
    'A10G on Machine one could not be ended and is still billed. No. This is tried again by itself.',
  );
});

test('promises are said in a few words', () => {
  assert.deepEqual(promisesOf(NO_WISH), []);
  assert.deepEqual(
    promisesOf({ keepAlive: true, endWhenIdle: 90, finishThenEnd: true, endAt: { kind: 'daily', minutes: 1080 } }),
    [
      'kept alive while rendering',
      'ends when the queue is empty',
      'ends when idle for 1 h 30 min',
      `ends at ${timeOfDay(new Date(2000, 0, 1, 18).getTime())}`,
    ],
  );
});
