import assert from 'node:assert/strict';
import test from 'node:test';
import { isTrustworthy } from '../../../src/guardian/ladder';
import { memoryFiles } from '../../fakes/memoryFiles';
import { Ages } from '../../../src/platform/age';
import { isWorthALook } from '../../../src/sessions/cadence';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';
import { ManualClock, settled } from '../../fakes/manualClock';
import { machineId, readyOf, sessionId, setup, setupServer } from '../../fakes/setup';
import { endings, guardInput, idleFor, keepAliveStep, rendering, preferring, work } from '../../fakes/guardInput';
import { sessionWire } from '../../fakes/wire';

const HOUR = 60 * MINUTE;
const REQUEST = { machineId: machineId('machine-1'), gpu: 'A10G', minutes: 15 };

test('what is stamped ahead of now is as old as it has been known here', async () => {
  const clock = new ManualClock(NOW);
  const ages = new Ages(clock);
  assert.equal(ages.of('one', NOW + HOUR, NOW), 0);
  await clock.advance(MINUTE);
  assert.equal(ages.of('one', NOW + HOUR, clock.now()), MINUTE);
  assert.equal(ages.of('two', NOW + HOUR, clock.now()), 0);
  assert.equal(ages.of('three', NOW, clock.now()), MINUTE);
});

/** A window whose `Date` headers are an hour ahead sends a request, gets no answer, and is closed. */
async function stampedAhead(ask: (first: ReturnType<typeof setup>) => Promise<unknown>, call: string) {
  const files = memoryFiles();
  const server = setupServer();
  const { api, clock } = server;
  api.sessions = [sessionWire('one', clock.now())];
  api.clockOffset = HOUR;
  const first = setup(files, undefined, server);
  await first.store.refresh();
  api.fail(call, { kind: 'silent' });
  ask(first).catch(() => undefined);
  await settled();
  first.app.life.dispose();
  first.keys.key = undefined; // and stops everything in it
  api.clockOffset = 0;
  const second = setup(files, undefined, server);
  await second.store.refresh();
  return second;
}

test('a request stamped an hour ahead does not block the next one for an hour', async () => {
  const { api, clock, store } = await stampedAhead(({ store }) => store.create(REQUEST), 'POST /session');
  api.sessions = api.sessions.filter(({ id }) => id !== 'created-1');

  await assert.rejects(clock.finish(store.create(REQUEST)), /still unanswered/);
  await clock.advance(3 * MINUTE);
  assert.equal(await clock.finish(store.create(REQUEST)), 'created-2');
});

test('the session of a request stamped an hour ahead is found, and no second one is started', async () => {
  const { api, clock, store } = await stampedAhead(({ store }) => store.create(REQUEST), 'POST /session');
  await clock.advance(MINUTE);
  assert.equal(await clock.finish(store.create(REQUEST)), 'created-1');
  assert.equal(api.count('POST /session'), 1);
});

test('an extension stamped an hour ahead does not hold up the next one for an hour', async () => {
  const one = sessionId('one');
  const call = 'POST /session/one/increase-timeout';
  const { clock, store } = await stampedAhead(({ store: first }) => first.extend(one, 5), call);
  const before = clock.now();
  const end = readyOf(store.snapshot).sessions[0];
  const { session } = await clock.finish(store.extend(one, 10));
  assert.ok(end && 'endsAt' in end && 'endsAt' in session);
  assert.equal(session.endsAt - end.endsAt, 10 * MINUTE);
  assert.ok(clock.now() - before <= 2 * MINUTE);
});

test('what was true in the future is looked at, and not acted upon', () => {
  const later = ready({ asOf: NOW + HOUR });
  assert.equal(isTrustworthy(later, NOW), false);
  assert.equal(isWorthALook(later, NOW), true);
});

test('a step that was noted ahead of now does not keep a render from being saved', () => {
  const { endsAt } = { endsAt: NOW + 2 * MINUTE };
  const one = session('one', { left: 2 });
  const held = { added: 5, step: { endsAt, at: NOW + HOUR, minutes: 5, failures: 0 } };
  const { decisions } = keepAliveStep(
    new Map([[one.id, held]]),
    guardInput({
      ready: ready({ sessions: [one] }),
      work: work(rendering),
      ...preferring({ keepAlive: true }),
    }),
  );
  assert.deepEqual(
    decisions.map(({ kind }) => kind),
    ['extend'],
  );
});

test('a use that was noted ahead of now does not keep an idle session running', () => {
  const one = session('one');
  const { decisions } = endings(
    { countdowns: new Map(), spared: new Map([[one.id, NOW + HOUR]]) },
    guardInput({
      ready: ready({ sessions: [one] }),
      work: work(idleFor(HOUR)),
      ...preferring({ endWhenIdle: 15 }),
    }),
  );
  assert.deepEqual(
    decisions.map(({ kind }) => kind),
    ['countdown'],
  );
});
