import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryFiles } from '../../fakes/memoryFiles';
import type { App } from '../../../src/app';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { setup } from '../../fakes/setup';
import { FakeMemento } from '../../fakes/vscode/storage';

const PRICING = 'GET /platform/gpu-pricing';
const HOUR = 3_600_000;
const priceIn = ({ appState }: Pick<App, 'appState'>) => appState().prices?.get('A10G');

test('prices are asked for without a key and kept for some hours', async () => {
  const { api, clock, app } = setup();
  const { prices } = app.money;
  assert.equal(priceIn(app), undefined);

  await prices.refresh();
  await clock.advance(6 * HOUR - 1);
  await prices.refresh();
  assert.equal(api.count(PRICING), 1);
  assert.equal(api.calls[0]?.key, undefined);
  assert.equal(priceIn(app), 337_000);

  await clock.advance(1);
  await prices.refresh();
  assert.equal(api.count(PRICING), 2);
});

test('a price list that cannot be had leaves the last one, and is asked for again in a while', async () => {
  const { api, clock, app } = setup();
  const { prices } = app.money;
  await prices.refresh();
  await clock.advance(6 * HOUR);

  api.fail(PRICING, answer(404, ''));
  await prices.refresh();
  assert.equal(priceIn(app), 337_000);

  await prices.refresh();
  assert.equal(api.count(PRICING), 2, 'not at once');
  await clock.advance(5 * 60_000);
  await prices.refresh();
  assert.equal(api.count(PRICING), 3);
});

test('the next server is asked for its prices at once', async () => {
  const { api, app, settings } = setup();
  await app.money.prices.refresh();

  settings.baseUrl = 'https://other.test/api';
  app.life.reset();
  assert.equal(priceIn(app), undefined);
  await app.money.prices.refresh();

  assert.equal(api.count(PRICING), 2);
});

test('who asks at the same time shares the answer', async () => {
  const { api, app } = setup();

  await Promise.all([app.money.prices.refresh(), app.money.prices.refresh()]);

  assert.equal(api.count(PRICING), 1);
});

test('the prices of the server before are never shown for the next one', async () => {
  const { api, app } = setup();
  const { prices } = app.money;
  const release = api.hold(PRICING);
  const early = prices.refresh();
  await settled();

  app.life.reset();
  api.prices = { A10G: 0.5 };
  const late = prices.refresh();
  await settled();
  release();
  await Promise.all([early, late]);

  assert.equal(priceIn(app), 500_000_000);
});

test('a name is unknown at first, asked for once, and then known', async () => {
  const { api, app } = setup();
  let changes = 0;
  app.life.onDidChange(() => changes++);
  const nameOf = (id: string) => app.appState().nameOf(id);

  assert.equal(nameOf('ada'), undefined);
  assert.equal(nameOf('ada'), undefined);
  await settled();

  assert.equal(nameOf('ada'), 'name of ada');
  assert.equal(changes, 1);
  assert.equal(api.count('GET /user/ada'), 1);
});

test('a name that cannot be had stays unknown and is no failure', async () => {
  const { api, app } = setup();
  api.fail('GET /user/ada', answer(404, { detail: 'User not found' }));

  app.appState().nameOf('ada');
  await settled();

  assert.equal(app.appState().nameOf('ada'), undefined);
  assert.equal(api.count('GET /user/ada'), 1);
});

test('everything is forgotten for the next account', async () => {
  const { keys, app, settings, store } = setup();
  await store.refresh();
  await app.money.prices.refresh();
  app.appState().nameOf('ada');
  await settled();

  keys.key = undefined;
  settings.baseUrl = 'https://other.test/api';
  app.life.reset();

  const { snapshot, prices, nameOf } = app.appState();
  assert.deepEqual([snapshot.kind, prices, nameOf('ada')], ['loading', undefined, undefined]);
});

test('a name from the previous server is not used for the next one', async () => {
  const { api, app } = setup();
  let changes = 0;
  app.life.onDidChange(() => changes++);
  const release = api.hold('GET /user/ada');
  app.appState().nameOf('ada');
  await settled();

  app.life.reset();
  changes = 0;
  release();
  await settled();

  assert.equal(changes, 0);
  api.fail('GET /user/ada', answer(404, ''));
  assert.equal(app.appState().nameOf('ada'), undefined);
});

test('prices outlast a restart, with the day they are of, and only for their own server', async () => {
  const memory = new FakeMemento();
  const before = setup(memoryFiles(), memory);
  await before.app.money.prices.refresh();
  const learnt = before.clock.now();

  const after = setup(memoryFiles(), memory);
  await after.clock.advance(48 * HOUR);
  after.api.fail(PRICING, answer(404, ''));
  await after.app.money.prices.refresh();
  assert.equal(priceIn(after.app), 337_000);
  assert.equal(after.app.appState().spending.pricesAsOf, learnt);

  after.settings.baseUrl = 'https://other.test/api';
  after.app.life.reset();
  assert.equal(priceIn(after.app), undefined);
});

test('what was kept by mistake is no price list', () => {
  const memory = new FakeMemento();
  void memory.update('prices', { server: 'https://api.test/api', asOf: 'yesterday', prices: 3 });
  assert.equal(priceIn(setup(memoryFiles(), memory).app), undefined);
});
