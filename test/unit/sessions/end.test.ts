import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, type Fault } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { phasesOf, sessionId, setupOne } from '../../fakes/setup';

const LOST: Fault = { kind: 'lost' };

test('a cancelled session is shown as ending at once, and until the server knows it no longer', async () => {
  const { api, ended, store } = await setupOne();
  const release = api.hold('DELETE /session/one');

  const cancelled = store.end(sessionId('one'));
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  release();
  await cancelled;
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
  assert.deepEqual(ended, []);

  api.finish('one');
  await store.refresh();
  assert.deepEqual(phasesOf(store.snapshot), []);
  assert.deepEqual(
    ended.map(({ why }) => why),
    ['asked'],
  );
});

test('a session that is gone already counts as cancelled', async () => {
  const { api, ended, store } = await setupOne();
  api.finish('one');

  await store.end(sessionId('one'));

  assert.deepEqual(
    ended.map(({ why }) => why),
    ['asked'],
  );
});

test('a session without a container is closed by the very call that complains of it', async () => {
  const { api, store } = await setupOne();
  api.fail('DELETE /session/one', answer(400, { detail: 'Modal function id not found' }));

  await store.end(sessionId('one'));
});

test('a session that could not be cancelled is not shown as ending', async () => {
  const { api, store } = await setupOne();
  api.fail('DELETE /session/one', answer(403, { detail: 'no' }));

  await assert.rejects(store.end(sessionId('one')), { kind: 'forbidden' });

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a login page on the way proves no end: it is asked for again, and shown until it is proven', async () => {
  const { api, clock, ended, store } = await setupOne();
  api.fail('DELETE /session/one', answer(200, '<html>Sign in to the network</html>'));

  await assert.rejects(store.end(sessionId('one')), { kind: 'malformed', message: /Retrying automatically/ });
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);

  await clock.advance(9_000);
  await store.refresh();
  assert.equal(api.count('DELETE /session/one'), 1);
  await clock.advance(1_000);
  await store.refresh();
  await settled();
  assert.equal(api.count('DELETE /session/one'), 2);

  api.finish('one');
  await store.refresh();
  assert.deepEqual(
    ended.map(({ why }) => why),
    ['asked'],
  );
});

test('an end that was asked for again and refused is dropped', async () => {
  const { api, clock, store } = await setupOne();
  api.fail('DELETE /session/one', answer(200, ''), answer(403, { detail: 'no' }));
  await assert.rejects(store.end(sessionId('one')), { kind: 'malformed' });

  await clock.advance(10_000);
  await store.refresh();
  await settled();
  await store.refresh();

  assert.deepEqual(phasesOf(store.snapshot), ['one ready']);
});

test('a cancel that is sent again after a lost answer finds its work done', async () => {
  const { api, clock, store } = await setupOne();
  api.fail('DELETE /session/one', LOST);

  await clock.finish(store.end(sessionId('one')));

  assert.equal(api.count('DELETE /session/one'), 2);
  assert.deepEqual(phasesOf(store.snapshot), ['one ending']);
});
