import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../../../src/platform/clock';
import { untilGone, untilReady } from '../../../src/sessions/waits';
import { answer } from '../../fakes/faults';
import { ManualClock, settled } from '../../fakes/manualClock';
import { sessionId, setup } from '../../fakes/setup';
import { sessionUrl, sessionWire } from '../../fakes/wire';

const ONE = sessionId('one');

async function setupStarting() {
  const world = setup();
  world.api.sessions = [sessionWire('one', world.clock.now(), { url: null })];
  await world.store.refresh();
  const giveUp = new AbortController();
  return { ...world, giveUp, wait: () => untilReady(world.store, ONE, giveUp.signal) };
}

test('a session is waited for until it can be opened', async () => {
  const { api, store, wait } = await setupStarting();
  const waiting = wait();

  await store.refresh();
  api.change('one', { url: sessionUrl('one') });
  await store.refresh();

  const session = await waiting;
  assert.equal('url' in session && session.url, sessionUrl('one'));
});

test('a session that is ready already is not waited for', async () => {
  const { api, clock, store } = setup();
  api.sessions = [sessionWire('one', clock.now())];
  await store.refresh();

  assert.equal((await untilReady(store, ONE, new AbortController().signal)).id, 'one');
});

test('a session that fails to start ends the wait, with the reason', async () => {
  const { api, store, wait } = await setupStarting();
  const waiting = wait();
  const rejected = assert.rejects(waiting, { name: 'NotStarted', why: 'failedToStart' });

  api.finish('one');
  await store.refresh();

  await rejected;
});

test('the end of another session ends no wait', async () => {
  const { api, clock, store, wait } = await setupStarting();
  const waiting = wait();
  api.sessions = [...api.sessions, sessionWire('two', clock.now())];
  await store.refresh();

  api.finish('two');
  await store.refresh();
  api.change('one', { url: sessionUrl('one') });
  await store.refresh();

  assert.equal((await waiting).id, 'one');
});

test('being signed out ends the wait; a failed refresh does not', async () => {
  const { api, store, wait } = await setupStarting();
  const waiting = wait();
  const rejected = assert.rejects(waiting, { why: 'signedOut' });

  api.fail('GET /sessions', answer(403, ''), answer(401, ''));
  await store.refresh();
  await store.refresh();

  await rejected;
});

test('whoever gives up the wait gets their own reason back', async () => {
  const { giveUp, store, wait } = await setupStarting();
  const waiting = wait();

  giveUp.abort();

  await assert.rejects(waiting, { name: 'AbortError' });
  await assert.rejects(untilReady(store, ONE, AbortSignal.abort()), { name: 'AbortError' });
});

test('the end of a session is proven when the server knows it no longer', async () => {
  const { api, clock, store } = await setupStarting();
  await settled();
  const { pending } = clock;
  const gone = untilGone(store, clock, ONE, 60_000);

  api.change('one', { timeout_end: null });
  await store.refresh();
  api.fail('GET /sessions', answer(403, ''));
  await store.refresh();
  api.finish('one');
  await store.refresh();

  assert.equal(await gone, true);
  await settled();
  assert.ok(clock.pending <= pending, 'no alarm is left of it');
});

test('the end of a session is not proven by being signed out', async () => {
  const { api, clock, store } = await setupStarting();
  const gone = untilGone(store, clock, ONE, 60_000);

  api.fail('GET /sessions', answer(401, ''));
  await store.refresh();
  await clock.advance(60_000);

  assert.equal(await gone, false);
});

test('an end that takes longer than somebody has patience is not proven', async () => {
  const { clock, store } = await setupStarting();
  const gone = untilGone(store, clock, ONE, 60_000);

  await clock.advance(60_000);

  assert.equal(await gone, false);
});

test('sleep ends with its time or with its signal, and leaves no alarm', async () => {
  const clock = new ManualClock();
  await clock.finish(sleep(clock, 5_000));

  const giveUp = new AbortController();
  const slept = sleep(clock, 5_000, giveUp.signal);
  giveUp.abort(new RangeError('enough'));
  await assert.rejects(slept, RangeError);
  await assert.rejects(sleep(clock, 5_000, AbortSignal.abort('a word')), { name: 'AbortError' });
  assert.equal(clock.pending, 0);
});

test('a session that died before anybody could wait for it is not waited for', async () => {
  const { store } = setup();
  await store.refresh();
  await assert.rejects(untilReady(store, ONE, new AbortController().signal), {
    name: 'NotStarted',
    why: 'failedToStart',
  });
});

test('another account ends the wait: its sessions are not those that were waited for', async () => {
  const { store, wait } = await setupStarting();
  const rejected = assert.rejects(wait(), { name: 'NotStarted', why: 'signedOut' });
  store.reset();
  await rejected;
});
