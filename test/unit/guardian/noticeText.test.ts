import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import type { Announcement } from '../../../src/guardian/announcement';
import type { Limit } from '../../../src/guardian/guardInput';
import type { ReadySession } from '../../../src/sessions/snapshot';
import { timeOfDay } from '../../../src/platform/durations';
import { noticeText } from '../../../src/guardian/noticeText';
import { scheduledOf } from '../../../src/guardian/scheduledText';
import { appState, MINUTE, NOTHING_SPENT, NOW, ready, session } from '../../fakes/appState';
import { NO_PREFERENCES } from '../../fakes/guardSettings';

const one: ReadySession = { ...session('one'), phase: 'ready', endsAt: NOW + 30 * MINUTE, url: 'https://secret.test/' };
const ENDS = timeOfDay(one.endsAt);
const say = (one: Announcement, more = {}) => noticeText(one, appState(more));
const step = { kind: 'extend', session: one, minutes: 5, added: 5, isFirstTry: true } as const;
const end = { kind: 'end', session: one, why: 'idle', idleSince: NOW, isFirstTry: true } as const;

test('the end of a session is announced with its time and the price of another hour', () => {
  const warning = { kind: 'warn', session: one, rung: 5 } as const;
  assert.equal(say(warning), `A10G on Machine one ends at ${ENDS}. Another hour costs about $1.22.`);
  assert.equal(say(warning, { prices: undefined }), `A10G on Machine one ends at ${ENDS}.`);
  const gone = ready({ machines: [] });
  assert.equal(say(warning, { snapshot: gone, prices: undefined }), `A10G on an unlisted machine ends at ${ENDS}.`);
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

test('a countdown is announced with its reason and its time', () => {
  const countdown = {
    kind: 'countdown',
    session: one,
    since: NOW,
    endsAt: NOW + MINUTE,
    tries: 0,
    putOffUntil: undefined,
  } as const;
  const idleSince = NOW - 15 * MINUTE;
  const at = timeOfDay(NOW + MINUTE);
  assert.equal(
    say({ ...countdown, why: 'idle', idleSince }),
    `A10G on Machine one has been idle since ${timeOfDay(idleSince)}. It ends automatically at ${at}.`,
  );
  assert.equal(
    say({ ...countdown, why: 'finished', idleSince }),
    `The queue of A10G on Machine one is empty. It ends automatically at ${at}.`,
  );
  const latest = NOW + 16 * MINUTE;
  assert.equal(
    say({ ...countdown, why: 'finished', idleSince, putOffUntil: latest }),
    `The queue of A10G on Machine one is empty. It ends automatically at ${at}. If its outputs are still being saved then, it ends once they are saved, at ${timeOfDay(latest)} at the latest.`,
  );
});

test('the end of keeping a render alive is announced with the reason', () => {
  const limit = (why: Limit, added = 60) => say({ kind: 'limit', session: one, why, added });
  const start = `A10G on Machine one is rendering and ends at ${ENDS}. `;
  assert.equal(limit('minutes'), `${start}It was extended by 1 h, the most that your settings allow.`);
  assert.equal(limit('minutes', 0), `${start}Your settings don't allow extending it.`);
  const money = (['session', 'day', 'month'] as const).map((why) => limit(why).slice(start.length));
  assert.deepEqual(
    money,
    ['session', 'day', 'month'].map(
      (what) => `It won't be extended further: it would exceed your spending limit for one ${what}.`,
    ),
  );
  assert.match(limit('price'), /the price of its GPU is unknown/);
});

test('what was done, and what failed, is announced', () => {
  assert.equal(
    say({ kind: 'extended', session: one, endsAt: NOW }),
    `A10G on Machine one: extended to ${timeOfDay(NOW)} because it's rendering.`,
  );
  assert.equal(
    say(
      { kind: 'ended', session: one, why: 'idle', idleMinutes: 15 },
      { spending: { ...NOTHING_SPENT, of: () => 580_000_000n } },
    ),
    'Ended A10G on Machine one: idle for 15 min. Total cost: about $0.58.',
  );
  assert.equal(
    say({ kind: 'ended', session: one, why: 'finished', idleMinutes: 0 }),
    'Ended A10G on Machine one: its queue was empty.',
  );
  const error = new ApiError('refused', 'No');
  assert.equal(
    say({ kind: 'failed', act: step, error }),
    `A10G on Machine one is rendering and ends at ${ENDS}, but could not be extended. No. Retrying automatically.`,
  );
  assert.equal(
    say({ kind: 'failed', act: end, error }),
    'A10G on Machine one could not be ended and is still billed. No. Retrying automatically.',
  );
});

test('promises are said in a few words', () => {
  assert.deepEqual(scheduledOf(NO_PREFERENCES), []);
  assert.deepEqual(
    scheduledOf({
      keepAlive: true,
      endWhenIdle: 90,
      finishThenEnd: true,
      endAt: { kind: 'daily', minutes: 1080 },
      lease: undefined,
    }),
    [
      'kept alive while rendering',
      'ends when the queue is empty',
      'ends when idle for 1 h 30 min',
      `ends at ${timeOfDay(new Date(2000, 0, 1, 18).getTime())}`,
    ],
  );
});
